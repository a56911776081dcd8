"""How the tests of seeing as a client come in."""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser

from infra.audit.models import AuditEvent
from tenants.people.models import Contact
from tests.world import FirmWorld


def contact_of(firm: FirmWorld, email: str = "ada@alpha.test") -> Contact:
    with firm.inside():
        return Contact.objects.select_related("client").get(email=email)


def asked(console: Browser, contact: Contact, **body: str) -> Any:
    return console.post(f"/contacts/{contact.pk}/view-as/", body)


def entry(answer: Any) -> str:
    """The path on the portal that the console leads to."""
    assert answer.status_code == 302, answer.content
    return "/viewing/" + answer["Location"].partition("/viewing/")[2]


def viewer(
    firm: FirmWorld, person: str = "owner", email: str = "ada@alpha.test"
) -> tuple[Browser, Browser]:
    """The staff member's console, and the portal as the contact sees it."""
    console = firm.browser(person)
    path = entry(asked(console, contact_of(firm, email)))
    portal = Browser(headers={"host": firm.portal})
    assert portal.get(path)["Location"] == "/"
    return console, portal


def events(firm: FirmWorld, **wanted: Any) -> list[AuditEvent]:
    with firm.inside():
        return list(AuditEvent.objects.filter(**wanted).order_by("at"))


def is_viewing(portal: Browser) -> bool:
    return b"Nothing can be changed here." in portal.get("/").content
