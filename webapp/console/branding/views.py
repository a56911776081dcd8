"""The firm's look: form on the left, what clients will see on the right, then publish."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from branding.identity.selectors import offered_languages
from branding.look.models import Brand
from branding.look.palette import Adjustment, build_palette, stylesheet
from branding.look.selectors import brand_history, draft_brand, find_brand, published_brand
from branding.look.services import (
    NothingToPublish,
    publish_brand,
    roll_back_brand,
    save_draft,
)
from infra.common.errors import DomainError, NotFound
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import today_of_firm
from tenants.firms.permissions import Permission
from webapp.console.branding.forms import LookForm
from webapp.console.listing import staff_page, wants_part
from webapp.kit.context import NavItem, brand_view
from webapp.kit.page_access import person_of
from webapp.shared.sign_in.forms import add_errors

TEMPLATE = "webapp/console/branding/branding.html"
PAGES = ("home", "invoice", "sign-in")
LOOK = ("colour", "accent", "corner", "typeface")


def _languages() -> list[str]:
    return offered_languages()


def _present() -> Brand:
    return draft_brand() or published_brand() or Brand()


def _shown(data: QueryDict | None) -> tuple[Brand, LookForm]:
    """The look that the form's values describe, not saved anywhere."""
    brand, languages = _present(), _languages()
    form = LookForm(data, languages=languages, initial=LookForm.start(brand, languages))
    if data is not None and form.is_valid():
        for name, value in form.changes().items():
            setattr(brand, name, value)
        for name in form.without():
            setattr(brand, name, "")
    return brand, form


def _adjusted(brand: Brand) -> Sequence[Adjustment]:
    return build_palette(brand.colour, brand.accent or None).adjustments


def _query(request: HttpRequest) -> QueryDict:
    query = request.GET.copy()
    for name in ("view", "page", "csrfmiddlewaretoken"):
        query.pop(name, None)
    return query


def _context(request: HttpRequest, brand: Brand, form: LookForm) -> dict[str, Any]:
    page, view = request.GET.get("page", ""), request.GET.get("view", "")
    query = _query(request)
    # What is there now, also while the preview shows the look without it.
    present = brand_view(_present())
    return {
        "form": form,
        "brand_shown": brand,
        "adjustments": _adjusted(brand),
        "preview_query": query.urlencode(),
        "page": page if page in PAGES else PAGES[0],
        "view": view if view in ("phone", "desktop") else "desktop",
        "draft": draft_brand(),
        "published": published_brand(),
        "history": brand_history(),
        "logos": [
            (form["logo"], form["remove_logo"], present.logo_url),
            (form["logo_dark"], form["remove_logo_dark"], present.logo_dark_url),
        ],
        "links_open": any(name.startswith("link_") for name in form.errors),
        "done": request.GET.get("done", ""),
    }


@staff_page(Permission.MANAGE_PORTAL)
@require_http_methods(["GET", "HEAD", "POST"])
def branding_page(request: HttpRequest) -> HttpResponse:
    """The editor. With values in the query htmx gets the preview of exactly those."""
    if request.method == "POST":
        return _saved(request)
    edited = "colour" in request.GET
    brand, form = _shown(request.GET if edited else None)
    broken = edited and not form.is_valid()
    context = _context(request, brand if not broken else _present(), form)
    context["broken"] = broken
    if request.GET.get("done") in ("published", "restored"):
        # Elsewhere a look is remembered for some seconds; here one just asked for the new one.
        context["brand"] = brand_view(published_brand())
    if wants_part(request):
        # htmx swaps what comes with 422 as well: the preview says what is wrong.
        return render(request, f"{TEMPLATE}#preview", context, status=422 if broken else 200)
    return render(request, TEMPLATE, context)


def _saved(request: HttpRequest) -> HttpResponse:
    languages = _languages()
    form = LookForm(request.POST, request.FILES, languages=languages)
    status = 422
    if form.is_valid():
        files = {
            name: form.cleaned_data[name].read() if form.cleaned_data[name] else None
            for name in ("logo", "logo_dark")
        }
        try:
            save_draft(
                changes=form.changes(), by=person_of(request), without=form.without(), **files
            )
            if request.POST.get("do") == "publish":
                publish_brand(by=person_of(request))
        except DomainError as error:
            add_errors(form, error)
        else:
            done = "published" if request.POST.get("do") == "publish" else "saved"
            return redirect(reverse("branding") + f"?done={done}")
    context = _context(request, _present(), form)
    if not set(LOOK) & form.errors.keys():
        # The preview goes on showing what was asked, the image excepted.
        shown = {name: form.cleaned_data[name] for name in LOOK}
        context["preview_query"] = urlencode(shown)
        context["adjustments"] = build_palette(shown["colour"], shown["accent"] or None).adjustments
    return render(request, TEMPLATE, context, status=status)


def _sample(page: str) -> dict[str, Any]:
    """An invented client, so that the preview shows no real one."""
    today = today_of_firm()
    words = [(_("Home"), "house"), (_("Invoices"), "receipt-text"), (_("Payments"), "credit-card")]
    at = {"home": 0, "invoice": 1}.get(page)
    return {
        "sample_amount": Decimal("1240.50"),
        "sample_late": Decimal("420.00"),
        "sample_currency": current_firm().currency,
        "sample_due": today + timedelta(days=12),
        "sample_past": today - timedelta(days=9),
        "nav": [NavItem(label, "#main", icon, n == at) for n, (label, icon) in enumerate(words)]
        if at is not None
        else [],
        "home_url": "#main",
        "person": None,
        "search_url": "",
        "sign_out_url": "",
        "theme_url": "",
        "account_links": [],
        "is_sandbox": False,
        "surface": "portal",
    }


@staff_page(Permission.MANAGE_PORTAL)
@require_safe
@csp_replace({"frame-ancestors": ["'self'"]})
def preview_page(request: HttpRequest) -> HttpResponse:
    """A page of the portal in the look that the query describes; framed by the editor only."""
    brand, form = _shown(request.GET if "colour" in request.GET else None)
    page = request.GET.get("page", "")
    page = page if page in PAGES else PAGES[0]
    query = QueryDict(mutable=True)
    for name in LOOK:
        query[name] = getattr(brand, name)
    view = brand_view(brand)
    context = {
        "brand": _dressed(view, f"{reverse('branding-preview-css')}?{query.urlencode()}"),
        **_sample(page),
        "page": page,
        "theme": "light",
    }
    answer = render(
        request, f"webapp/console/branding/preview_{page.replace('-', '_')}.html", context
    )
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _dressed(view: Any, address: str) -> Any:
    from dataclasses import replace

    return replace(view, stylesheet_url=address)


@staff_page(Permission.MANAGE_PORTAL)
@require_safe
def preview_stylesheet(request: HttpRequest) -> HttpResponse:
    """The stylesheet of a look that is not saved: from checked values only."""
    _brand, form = _shown(None)
    data = {**{name: form.initial[name] for name in LOOK}, **request.GET.dict()}
    asked = LookForm(data, languages=[])
    if not asked.is_valid():
        return HttpResponse("", status=422, content_type="text/css; charset=utf-8")
    given = asked.cleaned_data
    palette = build_palette(given["colour"], given["accent"] or None)
    text = stylesheet(palette, corner=given["corner"], typeface=given["typeface"])
    return HttpResponse(text, content_type="text/css; charset=utf-8")


@staff_page(Permission.MANAGE_PORTAL)
@require_POST
def publish_page(request: HttpRequest) -> HttpResponse:
    """Show the draft to everybody."""
    try:
        publish_brand(by=person_of(request))
    except NothingToPublish:
        return redirect(reverse("branding") + "?done=nothing")
    return redirect(reverse("branding") + "?done=published")


@staff_page(Permission.MANAGE_PORTAL)
@require_POST
def restore_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Bring an earlier look back."""
    brand = find_brand(pk)
    if brand is None:
        raise NotFound
    try:
        roll_back_brand(brand=brand, by=person_of(request))
    except NothingToPublish:
        return redirect(reverse("branding") + "?done=nothing")
    return redirect(reverse("branding") + "?done=restored")
