"""Short names of firms: what they may be, which are taken, what to offer instead."""

from __future__ import annotations

import re

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from infra.common.errors import Invalid
from tenants.firms.models import Firm, SignUp

SHORT_NAME = re.compile(r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$")
# Names that could pass for the platform itself, or that mail and web standards give a meaning.
RESERVED = frozenset(
    [
        "www",
        "ops",
        "console",
        "portal",
        "api",
        "app",
        "admin",
        "administrator",
        "root",
        "mail",
        "smtp",
        "imap",
        "pop",
        "ftp",
        "ns",
        "ns1",
        "ns2",
        "mx",
        "webmaster",
        "hostmaster",
        "postmaster",
        "abuse",
        "security",
        "support",
        "help",
        "status",
        "static",
        "assets",
        "cdn",
        "media",
        "docs",
        "blog",
        "login",
        "signin",
        "sign-in",
        "signup",
        "sign-up",
        "account",
        "accounts",
        "billing",
        "pay",
        "payments",
        "stripe",
        "mollie",
        "webhook",
        "webhooks",
        "hooks",
        "autodiscover",
        "autoconfig",
        "localhost",
        "test",
        "demo",
        "portico",
        "sandbox",
        "verify",
        "public",
        "edge",
        "internal",
    ]
)


class SlugUnavailable(Invalid):
    """The short name is reserved, taken or malformed; the message offers one that is free."""

    message = _("This address is not available.")


def _is_taken(slug: str) -> bool:
    return Firm.objects.filter(slug=slug).exists()


def suggested_slug(name: str) -> str:
    """A free short name near ``name``; call it on the platform."""
    stem = slugify(name)[:34].strip("-") or "firm"
    if not stem[0].isalpha():
        stem = f"firm-{stem}"[:34]
    if len(stem) < 3:
        stem = f"{stem}-law"
    candidate, turn = stem, 1
    while candidate in RESERVED or _is_taken(candidate):
        turn += 1
        candidate = f"{stem}-law" if turn == 2 else f"{stem}-{turn}"
    return candidate


def require_available(slug: str) -> None:
    """Raises ``SlugUnavailable`` with a suggestion unless ``slug`` can be a firm's address."""
    if SHORT_NAME.match(slug) and slug not in RESERVED and not _is_taken(slug):
        return
    offer = suggested_slug(slug)
    raise SlugUnavailable(
        fields={
            "slug": [
                str(_("“%(slug)s” is not available. “%(offer)s” is free."))
                % {"slug": slug, "offer": offer}
            ]
        }
    )


def pending_sign_ups(email: str) -> int:
    """How many unconfirmed requests an address made; a brake against flooding."""
    return SignUp.objects.filter(owner_email=email, confirmed_at__isnull=True).count()
