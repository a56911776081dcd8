"""Signed-in browsers in words: ``Firefox on Windows``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tenants.access.models import Session

# The first that fits names it: every browser claims to be the older ones too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """A session as its owner knows it."""

    session: Session
    name: str
    is_present: bool


def device_name(user_agent: str) -> str:
    """Browser and system, as far as the browser says; a plain word otherwise."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser")


def _name(session: Session) -> str:
    """The browser, and through whose eyes it looks at the portal, if it does."""
    name = device_name(session.user_agent)
    if session.seen_contact is None:
        return name
    words = {"browser": name, "name": session.seen_contact.name}
    return _("%(browser)s, seeing the portal as %(name)s") % words


def devices(sessions: Iterable[Session], present_key: str) -> list[Device]:
    """The sessions, the present one first."""
    found = [
        Device(session, _name(session), session.session_key == present_key) for session in sessions
    ]
    return sorted(found, key=lambda device: not device.is_present)
