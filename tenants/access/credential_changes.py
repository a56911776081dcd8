"""What follows when somebody's way to sign in changes: other sessions end, the person is told."""

from __future__ import annotations

from django.utils import timezone

from infra.audit.services import record_event
from infra.events.services import emit
from tenants.access.events import FactorAdded, FactorRemoved, PasswordChanged
from tenants.access.models import Authenticator, Session
from tenants.people.models import User

WayInChange = type[PasswordChanged] | type[FactorAdded] | type[FactorRemoved]


def way_in_changed(*, user: User, change: WayInChange, keep_session: str = "") -> None:
    """End every session of the person but ``keep_session``, note it, and mail them.

    Belongs into the transaction of the change.
    """
    ended, _rows = Session.objects.filter(user=user).exclude(session_key=keep_session).delete()
    # A key that one of those sessions was shown is nobody's second step later on.
    Authenticator.objects.filter(user=user, confirmed=False).delete()
    record_event(change.name, by=user, about=user, meta={"sessions_ended": int(ended)})
    emit(change(user=user.pk, at=timezone.now()))
