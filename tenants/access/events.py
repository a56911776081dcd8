"""What happens to people's access that others are told of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from infra.events.event import Event


@dataclass(frozen=True, slots=True)
class InvitationSent(Event):
    """Somebody is to get a fresh link of their invitation."""

    name: ClassVar[str] = "invitation.sent"
    invitation: UUID


@dataclass(frozen=True, slots=True)
class InvitationLinkRenewed(Event):
    """Somebody is to get another link in place of an expired one (``link``)."""

    name: ClassVar[str] = "invitation.link_renewed"
    link: UUID


@dataclass(frozen=True, slots=True)
class PasswordResetRequested(Event):
    """Somebody asked for a reset link."""

    name: ClassVar[str] = "password.reset_requested"
    user: UUID


@dataclass(frozen=True, slots=True)
class AccountLocked(Event):
    """Wrong passwords or codes from many places locked an account."""

    name: ClassVar[str] = "account.locked"
    user: UUID


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    """A person has a new password."""

    name: ClassVar[str] = "password.changed"
    user: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class FactorAdded(Event):
    """A person set up an authenticator app."""

    name: ClassVar[str] = "factor.added"
    user: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class FactorRemoved(Event):
    """A person's authenticator app was taken away."""

    name: ClassVar[str] = "factor.removed"
    user: UUID
    at: datetime
