"""What follows when somebody's way to sign in changes: other sessions end, the person is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from infra.audit.services import record_event
from infra.events.services import handles, put_message
from tenants.access import mails
from tenants.access.models import Authenticator, Session
from tenants.people.models import User

PASSWORD_CHANGED = "password.changed"  # noqa: S105  the name of an event
FACTOR_ADDED = "factor.added"
FACTOR_REMOVED = "factor.removed"


def way_in_changed(*, user: User, change: str, keep_session: str = "") -> None:
    """End every session of the person but ``keep_session``, note it, and mail them.

    ``change`` is one of the three events above. Belongs into the transaction of the change.
    """
    ended, _rows = Session.objects.filter(user=user).exclude(session_key=keep_session).delete()
    # A key that one of those sessions was shown is nobody's second step later on.
    Authenticator.objects.filter(user=user, confirmed=False).delete()
    record_event(change, by=user, about=user, meta={"sessions_ended": int(ended)})
    payload = {"user": str(user.pk), "at": timezone.now().isoformat()}
    put_message(topic=change, payload=payload)


def _tell(payload: Mapping[str, Any], message_id: UUID, send: Callable[..., None]) -> None:
    user = User.objects.filter(pk=payload["user"]).first()
    if user is not None:
        # Messages of an earlier release do not know the moment.
        at = datetime.fromisoformat(payload["at"]) if "at" in payload else None
        send(user, at=at, message_id=str(message_id))


@handles(PASSWORD_CHANGED)
def tell_password_changed(payload: Mapping[str, Any], message_id: UUID) -> None:
    """Tell the person that their password was changed."""
    _tell(payload, message_id, mails.send_password_changed)


@handles(FACTOR_ADDED)
def tell_factor_added(payload: Mapping[str, Any], message_id: UUID) -> None:
    """Tell the person that an authenticator app was set up."""
    _tell(payload, message_id, mails.send_factor_added)


@handles(FACTOR_REMOVED)
def tell_factor_removed(payload: Mapping[str, Any], message_id: UUID) -> None:
    """Tell the person that their authenticator app was removed."""
    _tell(payload, message_id, mails.send_factor_removed)
