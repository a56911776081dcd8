"""What every page's template knows: the firm's look, who is here, where they can go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from billing.gateway.registry import is_sandbox
from branding.models import Brand
from branding.notices import firm_name
from branding.policy import can_manage_portal
from branding.selectors import legal_identity, published_brand
from infra.common.firm_context import active_firm
from infra.common.formats import locale_code
from tenants.people.policy import can_manage_bills


@dataclass(frozen=True, slots=True)
class BrandView:
    """The firm's look as templates use it."""

    name: str = ""
    color: str = ""
    typeface: str = "system"
    stylesheet_url: str = ""
    logo_url: str = ""
    logo_dark_url: str = ""
    icon_url: str = ""
    touch_icon_url: str = ""
    manifest_url: str = ""
    welcome: str = ""
    footer_text: str = ""
    footer_links: list[tuple[str, str]] = field(default_factory=list)
    support_email: str = ""
    support_phone: str = ""
    legal_lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One word of the navigation."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None


def _in_language(texts: dict[str, str]) -> str:
    language = get_language() or "en"
    firm = active_firm()
    fallback = firm.language if firm else "en"
    return texts.get(language) or texts.get(fallback) or next(iter(texts.values()), "")


def brand_view(brand: Brand | None = None) -> BrandView:
    """The look of the current firm, or an empty one on the platform."""
    if active_firm() is None:
        return BrandView()
    brand = brand or published_brand() or Brand()
    identity = legal_identity()
    numbers = [identity.company_number, identity.vat_number, identity.register]
    lines = [
        identity.company_name,
        " ".join(identity.address.split("\n")),
        " · ".join(part for part in numbers if part),
        identity.bar_registration,
    ]

    def asset(name: str) -> str:
        return reverse("brand-image", args=[name.rsplit("/", 1)[-1]]) if name else ""

    icon = asset(brand.icon)
    return BrandView(
        name=firm_name(brand),
        color=brand.colour,
        typeface=brand.typeface,
        stylesheet_url=reverse("brand-stylesheet", args=[brand.stylesheet_hash])
        if brand.stylesheet_hash
        else "",
        logo_url=asset(brand.logo),
        logo_dark_url=asset(brand.logo_dark),
        icon_url=icon,
        touch_icon_url=icon,
        welcome=_in_language(brand.welcome),
        footer_text=_in_language(brand.footer),
        footer_links=[(link["label"], link["url"]) for link in brand.footer_links],
        support_email=identity.email,
        support_phone=identity.phone,
        legal_lines=[line for line in lines if line],
    )


def _portal_nav(path: str) -> list[NavItem]:
    items = [
        (_("Home"), reverse("home"), "house"),
        (_("Invoices"), reverse("invoices"), "receipt-text"),
        (_("Payments"), reverse("payments"), "credit-card"),
    ]
    return [
        NavItem(label, url, icon, path == url if url == "/" else path.startswith(url))
        for label, url, icon in items
    ]


def _console_nav(path: str, user: Any) -> list[NavItem]:
    items = [
        (_("Today"), reverse("home"), "house"),
        (_("Clients"), reverse("clients"), "users"),
        (_("Invoices"), reverse("invoices"), "receipt-text"),
        (_("Payments"), reverse("payments"), "credit-card"),
    ]
    if can_manage_bills(user):
        items.append((_("Import"), reverse("imports"), "file-input"))
    if can_manage_portal(user):
        items.append((_("Look"), reverse("branding"), "palette"))
        items.append((_("Settings"), reverse("settings"), "settings"))
    return [
        NavItem(label, url, icon, path == url if url == "/" else path.startswith(url))
        for label, url, icon in items
    ]


def _operator_nav(path: str) -> list[NavItem]:
    items = [
        (_("Firms"), reverse("home"), "building-2"),
        (_("Failures"), reverse("failures"), "triangle-alert"),
    ]
    return [
        NavItem(label, url, icon, path == url if url == "/" else path.startswith(url))
        for label, url, icon in items
    ]


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor of every page."""
    surface = getattr(request, "surface", "platform")
    user: Any = getattr(request, "user", None)
    signed_in = bool(user is not None and user.is_authenticated)
    found: dict[str, Any] = {
        "brand": SimpleLazyObject(brand_view),
        "surface": surface,
        "person": user if signed_in else None,
        "theme": user.theme if signed_in else "auto",
        "locale_code": locale_code(get_language() or "en"),
        "is_sandbox": is_sandbox(),
        "nav": [],
    }
    if not signed_in or getattr(request, "urlconf", "").endswith("suspended"):
        return found
    navigation = {
        "portal": lambda: _portal_nav(request.path),
        "console": lambda: _console_nav(request.path, user),
        "operator": lambda: _operator_nav(request.path),
    }
    found["nav"] = navigation[surface]()
    if surface == "console":
        found["search_url"] = reverse("search")
    found["sign_out_url"] = reverse("sign-out")
    found["theme_url"] = reverse("theme")
    found["account_links"] = [(_("Your profile"), reverse("profile"), "circle-user-round")]
    return found
