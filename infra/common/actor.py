"""Who acts: what services and policies ask of whoever is behind a call."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from infra.common.errors import NotAllowed


class Impersonated(Protocol):
    """Whom a staff member looks as: the staff member, and the contact whose view they see."""

    @property
    def by(self) -> Any: ...

    @property
    def contact_id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


class Reader(Protocol):
    """All that a selector asks of a person in order to decide which rows they see."""

    @property
    def pk(self) -> Any: ...

    @property
    def kind(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def is_active(self) -> bool: ...

    @property
    def seen_contact_ids(self) -> frozenset[UUID] | None:
        """Of staff who look as a contact: the contacts whose clients are shown. Else None."""
        ...


class Actor(Reader, Protocol):
    """A person of the firm or an operator, in a session, by an API token, or in a task of ours.

    ``acts_by_token`` says that a program acts for the person; ``skipped_factor`` that the session
    has not passed a second step which is demanded; ``impersonation`` is set where staff see the
    portal as a contact does: such an actor has the contact's permissions, so that pages look the
    same, and services refuse it every change.
    """

    @property
    def acts_by_token(self) -> bool: ...

    @property
    def skipped_factor(self) -> bool: ...

    @property
    def impersonation(self) -> Impersonated | None: ...

    def may(self, permission: str, *, client_id: UUID | None = None) -> bool:
        """Whether the actor has ``permission``; with ``client_id``, for that client and its matters.

        The names stand in ``tenants.firms.permissions``, who has them in ``tenants.people.roles``.
        """
        ...


def require(allowed: bool) -> None:
    """Raises ``NotAllowed`` unless ``allowed``."""
    if not allowed:
        raise NotAllowed


def require_not_impersonating(actor: Actor) -> None:
    """Raises ``NotAllowed`` for staff who look as a contact.

    Writing an audit event refuses them too, but in the end of a service; one that calls another
    server, or returns what only the contact may have, asks first.
    """
    require(actor.impersonation is None)
