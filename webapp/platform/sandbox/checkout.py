"""The sandbox's payment page: what a payment provider shows, with test cards and play money."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from billing.gateway.sandbox import services
from infra.common.errors import DomainError

CARDS = [
    ("4242 4242 4242 4242", _("pays at once")),
    ("4000 0025 0000 3155", _("asks for confirmation (3-D Secure)")),
    ("4000 0000 0000 0002", _("is declined")),
    ("4000 0000 0000 0341", _("pays later: under way, then settled or failed")),
]


@require_http_methods(["GET", "HEAD", "POST"])
def checkout_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Pay, confirm, settle, fail or leave; then back to the portal. In the payment's language."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            onward = _act(session_id, request.POST.get("do", ""), request.POST.get("number", ""))
        except DomainError as fact:
            error = fact
        else:
            if onward:
                return redirect(onward)
            return redirect("sandbox-checkout", session_id=session_id)
    session = services.open_session(session_id)
    context = {"session": session, "cards": CARDS, "stage": session.stage.value}
    with override(_language(session)):
        context["errors"] = [str(error)] if error else []
        status = 422 if error else 200
        answer = render(request, "webapp/sandbox/checkout.html", context, status=status)
        answer["Content-Language"] = get_language() or "en"
    # The form is answered by a redirect to the firm's portal, which is another origin.
    back = urlsplit(session.return_url or session.cancel_url or "")
    answer._csp_update = {"form-action": [f"{back.scheme}://{back.netloc}"]}  # type: ignore[attr-defined]
    return answer


def _language(session: services.HostedSession) -> str | None:
    """The language of the payment; the browser's where it says none that we speak."""
    return session.locale if session.locale in dict(settings.LANGUAGES) else get_language()


def _act(session_id: str, do: str, number: str) -> str:
    """Do what the button says; returns where to go, or nothing to stay on the page."""
    if do == "leave":
        return services.abandon(session_id) or ""
    if do == "pay":
        session = services.pay_with_card(session_id, number.replace(" ", ""))
    elif do == "approve":
        session = services.approve_authentication(session_id)
    elif do == "deny":
        session = services.deny_authentication(session_id)
    elif do == "settle":
        session = services.settle(session_id)
    elif do == "fail":
        session = services.fail(session_id)
    else:
        session = services.open_session(session_id)
    stays = (services.Stage.PAY, services.Stage.CONFIRM, services.Stage.UNDER_WAY)
    return "" if session.stage in stays else session.return_url or ""
