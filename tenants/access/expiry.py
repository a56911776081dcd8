"""Rows that open nothing any more are deleted after a while."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Value
from django.utils import timezone

from tenants.access.models import Authenticator, Invitation, InvitationLink, Session, ViewingTicket

A_DAY = timedelta(days=1)


def clear_ended_access() -> None:
    """Delete what is over in the current firm.

    At once: sessions past either time-out, and looks as a client that were not begun in time.
    After a day: keys of authenticator apps that nobody confirmed. Invitations that were accepted
    or withdrawn ``KEEP_ENDED_INVITATIONS_DAYS`` ago, and those that expired unused
    ``KEEP_UNUSED_INVITATIONS_DAYS`` ago: until then they can be renewed.
    """
    now = timezone.now()
    ended = now - timedelta(days=settings.KEEP_ENDED_INVITATIONS_DAYS)
    unused = now - timedelta(days=settings.KEEP_UNUSED_INVITATIONS_DAYS)
    with transaction.atomic():
        Session.objects.filter(expire_date__lt=now).delete()
        Session.objects.annotate(
            idle_until=ExpressionWrapper(
                F("last_seen_at") + F("idle_seconds") * Value(timedelta(seconds=1)),
                output_field=DateTimeField(),
            )
        ).filter(idle_until__lt=now).delete()
        ViewingTicket.objects.filter(expires_at__lt=now).delete()
        Authenticator.objects.filter(confirmed=False, created_on__lt=now - A_DAY).delete()
        Invitation.objects.filter(accepted_at__lt=ended).delete()
        Invitation.objects.filter(revoked_at__lt=ended).delete()
        InvitationLink.objects.filter(expires_at__lt=unused).delete()
        Invitation.objects.open().filter(expires_at__lt=unused, links__isnull=True).delete()
