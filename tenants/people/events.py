"""What happens to people that others are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from infra.events.event import Event


@dataclass(frozen=True, slots=True)
class ColleagueDeactivated(Event):
    """A colleague (``colleague``) lost their access; ``by`` is who took it away."""

    name: ClassVar[str] = "colleague.deactivated"
    colleague: UUID
    by: UUID


@dataclass(frozen=True, slots=True)
class ContactChanging(Event):
    """A contact is about to be locked and changed: what is locked before contacts is locked now."""

    name: ClassVar[str] = "contact.changing"
    contact: UUID


@dataclass(frozen=True, slots=True)
class ContactAddressChanged(Event):
    """A contact has another address."""

    name: ClassVar[str] = "contact.address_changed"
    contact: UUID
    by: UUID


@dataclass(frozen=True, slots=True)
class ContactEnded(Event):
    """A contact was saved whose last day has passed.

    ``is_new``: the last day was set by this change, and did not just go by.
    """

    name: ClassVar[str] = "contact.ended"
    contact: UUID
    by: UUID
    is_new: bool
