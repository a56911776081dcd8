"""Sessions in the firm's schema; loading one brings its person in the same statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection, router
from django.utils import timezone

from infra.common.primary_keys import new_key
from infra.common.request_context import current_origin
from tenants.access.models import Session
from tenants.people.models import User

SEEN_EVERY = timedelta(seconds=60)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


SESSION_COLUMNS = [field.attname for field in Session._meta.concrete_fields]
USER_COLUMNS = [field.attname for field in User._meta.concrete_fields]
# One statement for who is here and whether a second factor is demanded of them: it runs on
# every request, so it is written out instead of being compiled anew each time.
LOAD = f"""
SELECT {", ".join(f"s.{name}" for name in SESSION_COLUMNS)},
       {", ".join(f"u.{name}" for name in USER_COLUMNS)},
       CASE u.kind WHEN 'staff' THEN p.staff_factor WHEN 'client' THEN p.client_factor END,
       EXISTS (SELECT 1 FROM authenticator a WHERE a.user_id = u.id AND a.confirmed),
       coalesce(p.portal_on, true)
FROM session s LEFT JOIN person u ON u.id = s.user_id LEFT JOIN sign_in_policy p ON true
WHERE s.session_key = %s AND s.expire_date > %s
  AND s.last_seen_at + s.idle_seconds * interval '1 second' > %s
"""  # noqa: S608  names of our own columns  # nosec B608


def _load(session_key: str | None) -> Session | None:
    with cast(Any, connection).prepared() as cursor:
        now = timezone.now()
        cursor.execute(LOAD, [session_key, now, now])
        values = cursor.fetchone()
    if values is None:
        return None
    split = len(SESSION_COLUMNS)
    row = Session.from_db("default", SESSION_COLUMNS, values[:split])
    if row.user_id is not None:
        user = User.from_db("default", USER_COLUMNS, values[split:-3])
        policy, has_factor, portal_on = values[-3:]
        if user.kind == User.Kind.CLIENT and not portal_on:
            # The firm closed its portal: sessions rest until it opens again.
            return None
        demanded = user.kind == User.Kind.OPERATOR or policy == "required"
        user.lacks_factor = demanded and not has_factor
        user.skipped_factor = demanded and row.second_factor_at is None
        row.user = user
    return row


class SessionStore(DatabaseStore):
    """``row`` is the loaded session with its ``user``; None while there is nothing stored."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        found = _load(self.session_key)
        if found is None:
            self._session_key = None
            return {}
        self.row = found
        return self.decode(found.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Keeps the row's binding when only the data changes; a new row gets it from the request."""
        old = self.row
        origin = current_origin()
        person_id = data.get("_auth_user_id")
        return Session(
            public_id=old.public_id if old else new_key(),
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]
            session_data=self.encode(data),
            expire_date=old.expire_date if old and old.user_id else self.get_expiry_date(),
            user_id=person_id,
            surface=origin.surface,
            created_at=old.created_at if old and old.user_id else timezone.now(),
            last_seen_at=timezone.now(),
            idle_seconds=data.get("idle_seconds", 1800),
            second_factor_at=_moment(data.get("second_factor_at")),
            seen_contact_id=data.get("seen_contact"),
            opened_from=data.get("opened_from"),
            ip=origin.ip,
            user_agent=origin.user_agent[:300],
        )

    def flush(self) -> None:
        super().flush()
        self.row = None

    def cycle_key(self) -> None:
        """Go on under a new key: whoever copied the old one is outside."""
        row = self.row
        if row is None:
            super().cycle_key()
            return
        key = self._get_new_session_key()  # type: ignore[attr-defined]
        Session.objects.filter(session_key=row.session_key).update(session_key=key)
        row.session_key = self._session_key = key
        self.modified = True

    def touch(self) -> None:
        """Note that the person is here, at most once a minute; not for background polling."""
        row = self.row
        now = timezone.now()
        if row is not None and now - row.last_seen_at > SEEN_EVERY:
            Session.objects.using(router.db_for_write(Session)).filter(pk=row.pk).update(
                last_seen_at=now
            )

    @property
    def person(self) -> User | None:
        """The signed-in person, or None."""
        self._get_session()  # type: ignore[attr-defined]
        return self.row.user if self.row is not None else None
