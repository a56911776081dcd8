"""What a row of the table is, and the words it is written in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STAFF = frozenset({"owner", "partner", "attorney", "billing", "assistant"})
MANAGERS = frozenset({"owner", "partner"})
BILLERS = frozenset({"owner", "partner", "billing"})
CLIENT = frozenset({"client"})
OPERATOR = frozenset({"operator"})
NOBODY: frozenset[str] = frozenset()
ANYONE = frozenset({"anonymous"}) | STAFF | CLIENT | OPERATOR

URLCONFS = {
    "platform": "infra.config.urls_platform",
    "operator": "infra.config.urls_operator",
    "console": "infra.config.urls_console",
    "portal": "infra.config.urls_portal",
    "suspended": "infra.config.urls_suspended",
}
# What belongs to one client; the rest belongs to the firm or to a person.
CLIENTS_OWN = frozenset(
    {"client", "matter", "contact", "invitation", "invoice", "draft", "payment", "credit_note"}
)
# Values that open something by themselves, without anybody signed in.
LINKS = frozenset(
    {
        "way_in_portal",
        "way_in_console",
        "reset",
        "unlock",
        "sign_up",
        "checkout",
        "ticket",
        "onboarding",
    }
)
FILES = frozenset({"stylesheet", "image"})
ARGUMENTS = {
    "way_in_portal": "token",
    "way_in_console": "token",
    "reset": "token",
    "unlock": "token",
    "sign_up": "token",
    "checkout": "session_id",
    "provider": "provider",
    "ticket": "ticket",
    "onboarding": "account",
    "stylesheet": "digest",
    "image": "name",
}
SAFE = ("GET",)


@dataclass(frozen=True, slots=True)
class Row:
    """One address and method. ``answers`` are the statuses for those who may, where not below 400."""

    surface: str
    name: str
    method: str
    who: frozenset[str]
    thing: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    answers: Sequence[int] = ()
    # Foreign ids are answered as if done, and nothing happens.
    quiet: bool = False
    # Called by machines with a signature instead of a browser's CSRF token.
    signed: bool = False
    # Looking uses the link up: a redirect between two hosts of a firm, nobody's mail.
    spends: bool = False
    path: str = ""

    @property
    def is_api(self) -> bool:
        return self.name.startswith("api")

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE

    @property
    def is_open(self) -> bool:
        return "anonymous" in self.who

    def __str__(self) -> str:
        return f"{self.surface} {self.name} {self.method}"


def reads(surface: str, name: str, who: frozenset[str], thing: str = "", **more: Any) -> Row:
    return Row(surface, name, "GET", who, thing, **more)


def writes(
    surface: str,
    name: str,
    who: frozenset[str],
    thing: str = "",
    body: Mapping[str, Any] | None = None,
    **more: Any,
) -> Row:
    return Row(surface, name, "POST", who, thing, body or {}, **more)


def reads_and_writes(
    surface: str,
    name: str,
    who: frozenset[str],
    thing: str = "",
    body: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[Row]:
    get_more = {key: value for key, value in more.items() if key != "answers"}
    return [
        reads(surface, name, who, thing, **get_more),
        writes(surface, name, who, thing, body, **more),
    ]


NEW_PASSWORD = "another quiet harbour 8"
OLD_PASSWORD = "a quiet harbour at dawn 7"
PERSON = {"name": "New Name", "language": "en", "time_zone": "Europe/Brussels", "phone": ""}
CONTACT = {"name": "New Contact", "email": "new.contact@example.test"}
NEW_MATTER = {"reference": "N1", "title": "New Matter"}
NEW_CLIENT = {"name": "New Client", "code": "N1", "kind": "organisation"}
LINES = {
    "lines-TOTAL_FORMS": "1",
    "lines-INITIAL_FORMS": "0",
    "lines-0-kind": "time",
    "lines-0-description": "Advice",
    "lines-0-quantity": "1",
    "lines-0-unit_price": "100",
    "lines-0-vat_rate": "21",
}
PORTAL = {
    "portal_on": "on",
    "languages": ["en"],
    "invoice_sharing": "automatic",
    "payment_terms_days": "14",
    "partial_payments": "on",
    "minimum_payment": "5",
    "staff_factor": "optional",
    "client_factor": "optional",
    "idle_minutes": "20",
    "absolute_hours": "8",
}
MAPPING = {
    "invoice_number": "invoice",
    "invoice_date": "invoice date",
    "client_code": "client",
    "matter_code": "matter",
    "description": "description",
    "amount": "amount",
}
