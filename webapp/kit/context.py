"""What every page's template knows: the firm's look, who is here, where they can go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import get_urlconf, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from billing.gateway.registry import is_sandbox
from branding.identity.selectors import legal_identity
from branding.letterhead.published import Look, look_of, published_look
from branding.look.models import Brand
from infra.tenancy.firm_context import active_firm
from infra.tenancy.locale_formats import locale_code
from tenants.firms.permissions import Permission
from tenants.people.models.user import Impersonation


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
    footer_links: tuple[tuple[str, str], ...] = ()
    support_email: str = ""
    support_phone: str = ""
    legal_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NavItem:
    """One word of the navigation."""

    label: str
    url: str
    icon: str
    current: bool
    count: int | None = None


def _in_language(texts: tuple[tuple[str, str], ...], language: str, fallback: str) -> str:
    known = dict(texts)
    return known.get(language) or known.get(fallback) or next(iter(known.values()), "")


def brand_view(brand: Brand | None = None) -> BrandView:
    """The look of the current firm (or of ``brand``), or an empty one on the platform."""
    firm = active_firm()
    if firm is None:
        return BrandView()
    look = look_of(brand, legal_identity()) if brand else published_look()
    return _view(look, get_language() or "en", firm.language, get_urlconf())


# tenant-safe: the key is all that the value is made of.
@lru_cache(maxsize=4096)
def _view(look: Look, language: str, fallback: str, _urlconf: str | None) -> BrandView:
    def asset(name: str) -> str:
        return reverse("brand-image", args=[name.rsplit("/", 1)[-1]]) if name else ""

    icon = asset(look.icon)
    return BrandView(
        name=look.name,
        color=look.colour,
        typeface=look.typeface,
        stylesheet_url=reverse("brand-stylesheet", args=[look.stylesheet_hash])
        if look.stylesheet_hash
        else "",
        logo_url=asset(look.logo),
        logo_dark_url=asset(look.logo_dark),
        icon_url=icon,
        touch_icon_url=icon,
        welcome=_in_language(look.welcome, language, fallback),
        footer_text=_in_language(look.footer, language, fallback),
        footer_links=look.footer_links,
        support_email=look.email,
        support_phone=look.phone,
        legal_lines=look.legal_lines,
    )


def _portal_nav(path: str) -> tuple[NavItem, ...]:
    items = [
        (_("Home"), reverse("home"), "house"),
        (_("Invoices"), reverse("invoices"), "receipt-text"),
        (_("Payments"), reverse("payments"), "credit-card"),
    ]
    return tuple(
        NavItem(label, url, icon, path == url if url == "/" else path.startswith(url))
        for label, url, icon in items
    )


def _console_nav(path: str, user: Any) -> tuple[NavItem, ...]:
    items = [
        (_("Today"), reverse("home"), "house"),
        (_("Clients"), reverse("clients"), "users"),
        (_("Invoices"), reverse("invoices"), "receipt-text"),
        (_("Payments"), reverse("payments"), "credit-card"),
    ]
    if user.may(Permission.MANAGE_BILLS):
        items.append((_("Import"), reverse("imports"), "file-input"))
    if user.may(Permission.MANAGE_PORTAL):
        items.append((_("Look"), reverse("branding"), "palette"))
        items.append((_("Settings"), reverse("settings"), "settings"))
    return tuple(
        NavItem(label, url, icon, path == url if url == "/" else path.startswith(url))
        for label, url, icon in items
    )


def _operator_nav(path: str) -> tuple[NavItem, ...]:
    items = [
        (_("Firms"), reverse("home"), "building-2"),
        (_("Failures"), reverse("failures"), "triangle-alert"),
    ]
    return tuple(
        NavItem(label, url, icon, path == url if url == "/" else path.startswith(url))
        for label, url, icon in items
    )


def _viewing_as(viewing: Impersonation) -> dict[str, str]:
    """The banner of staff who see the portal as a contact, in their own language."""
    named = {"name": viewing.name}
    with override(viewing.by.language):
        if viewing.has_account:
            words = _("You see what %(name)s sees.") % named
        else:
            words = _("You see what %(name)s will see after setting a password.") % named
        limits = _("Nothing can be changed here.")
        if viewing.leaves_out:
            limits += " " + _("Clients that you may not see are left out.")
        return {
            "language": viewing.by.language,
            "label": _("Seen as a client"),
            "words": words,
            "limits": limits,
            "leave": _("Leave"),
            "leave_url": reverse("leave-viewing"),
        }


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
        "nav": (),
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
    if user.impersonation is not None:
        # Nothing of the person's own: no profile, no choice of theme, no signing out.
        return found | {"viewing_as": _viewing_as(user.impersonation), "account_links": []}
    found["sign_out_url"] = reverse("sign-out")
    found["theme_url"] = reverse("theme")
    found["account_links"] = [(_("Your profile"), reverse("profile"), "circle-user-round")]
    return found
