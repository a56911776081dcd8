"""The sandbox's onboarding page: what a payment provider asks a firm before it may be paid."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from billing.gateway.sandbox.onboarding import (
    OnboardingNotOpen,
    finish_onboarding,
    leave_onboarding,
    open_onboarding,
)
from webapp.kit.requirement_copy import in_words


@require_http_methods(["GET", "HEAD", "POST"])
def onboarding_page(request: HttpRequest, account: str) -> HttpResponse:
    """Complete the account, or leave it as it is; then back to the console."""
    status = 200
    if request.method == "POST":
        act = {"complete": finish_onboarding, "leave": leave_onboarding}.get(
            request.POST.get("do", "")
        )
        try:
            if act is not None:
                return redirect(act(account))
        except OnboardingNotOpen:
            status = 409
    page = open_onboarding(account)
    missing = [point.words for point in in_words(page.missing)]
    context = {"page": page, "missing": missing}
    answer = render(request, "webapp/sandbox/onboarding.html", context, status=status)
    # The form is answered by a redirect to the firm's console, which is another origin.
    back = urlsplit(page.return_url)
    answer._csp_update = {"form-action": [f"{back.scheme}://{back.netloc}"]}  # type: ignore[attr-defined]
    return answer
