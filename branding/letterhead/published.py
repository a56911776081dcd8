"""How the current firm looks and who it is, as one frozen value that a page reads."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from branding.identity.models import LegalIdentity
from branding.look.events import LookChanged
from branding.look.models import Brand
from infra.events.subscriptions import in_transaction
from infra.tenancy.database.fast.compiled_query import rows
from infra.tenancy.firm_context import current_firm
from infra.tenancy.locale_formats import in_one_line

SECONDS, MOST = 10, 2000


@dataclass(frozen=True, slots=True)
class Look:
    """The published look and the legal identity of one firm; texts by language code."""

    name: str
    colour: str
    typeface: str
    stylesheet_hash: str
    logo: str
    logo_dark: str
    icon: str
    welcome: tuple[tuple[str, str], ...]
    footer: tuple[tuple[str, str], ...]
    footer_links: tuple[tuple[str, str], ...]
    email: str
    phone: str
    legal_lines: tuple[str, ...]


def look_of(brand: Brand, identity: LegalIdentity) -> Look:
    """A version of the look beside the identity as it stands."""
    numbers = [identity.company_number, identity.vat_number, identity.register]
    lines = [
        identity.company_name,
        in_one_line(identity.address),
        " · ".join(part for part in numbers if part),
        identity.bar_registration,
    ]
    return Look(
        name=brand.display_name or current_firm().name,
        colour=brand.colour,
        typeface=brand.typeface,
        stylesheet_hash=brand.stylesheet_hash,
        logo=brand.logo,
        logo_dark=brand.logo_dark,
        icon=brand.icon,
        welcome=tuple(brand.welcome.items()),
        footer=tuple(brand.footer.items()),
        footer_links=tuple((link["label"], link["url"]) for link in brand.footer_links),
        email=identity.email,
        phone=identity.phone,
        legal_lines=tuple(line for line in lines if line),
    )


BRAND = (
    "display_name",
    "colour",
    "typeface",
    "stylesheet_hash",
    "logo",
    "logo_dark",
    "icon",
    "welcome",
    "footer",
    "footer_links",
)
IDENTITY = (
    "company_name",
    "company_number",
    "vat_number",
    "register",
    "bar_registration",
    "address",
    "email",
    "phone",
)


def _read() -> Look:
    """The published look as it stands, or the one of a firm that decided nothing."""
    shown = Brand.objects.filter(state=Brand.State.PUBLISHED)
    brands = rows("look", lambda: shown.values_list(*BRAND), {})
    known = rows("identity", lambda: LegalIdentity.objects.values_list(*IDENTITY), {})
    return look_of(
        Brand(**dict(zip(BRAND, brands[0], strict=True))) if brands else Brand(),
        LegalIdentity(**dict(zip(IDENTITY, known[0], strict=True))) if known else LegalIdentity(),
    )


# tenant-safe: keyed by the firm's id; values are frozen and hold what every visitor sees.
_looks: dict[UUID, tuple[float, Look]] = {}


def published_look() -> Look:
    """What visitors of the current firm see; at most ten seconds old in another process."""
    firm, now = current_firm().id, time.monotonic()
    known = _looks.get(firm)
    if known is None or known[0] < now:
        if len(_looks) >= MOST:
            _looks.clear()
        known = _looks[firm] = (now + SECONDS, _read())
    return known[1]


def forget_looks() -> None:
    """Drop what this process remembers of every firm."""
    _looks.clear()


@in_transaction(LookChanged)
def forget_look(_event: LookChanged) -> None:
    """Forget the current firm's look: now, for this transaction, and when it is committed."""
    firm = current_firm().id

    def forget() -> None:
        _looks.pop(firm, None)

    forget()
    # Another thread may have read the old rows again in between.
    transaction.on_commit(forget)
