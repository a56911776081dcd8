"""What a change of a person means for their access, in the transaction of the change."""

from __future__ import annotations

from django.utils import timezone

from infra.audit.services import record_event
from infra.events.subscriptions import in_transaction
from tenants.access.models import ApiToken, Invitation, Session
from tenants.people.events import (
    ColleagueDeactivated,
    ContactAddressChanged,
    ContactChanging,
    ContactEnded,
)
from tenants.people.models import Contact, User


@in_transaction(ColleagueDeactivated)
def end_colleagues_access(event: ColleagueDeactivated) -> None:
    """End the sessions and withdraw the API tokens of a colleague."""
    colleague = User.objects.get(pk=event.colleague)
    sessions, _rows = Session.objects.filter(user=colleague).delete()
    tokens = ApiToken.objects.filter(user=colleague, revoked_at__isnull=True)
    withdrawn = tokens.update(revoked_at=timezone.now())
    record_event(
        "colleague.signed_out",
        by=User.objects.get(pk=event.by),
        about=colleague,
        meta={"sessions": sessions, "api_tokens": withdrawn},
    )


@in_transaction(ContactChanging)
def lock_invitations(event: ContactChanging) -> None:
    """Lock in the order in which an invitation is accepted, so that neither waits for the other."""
    list(Invitation.objects.open().select_for_update().filter(contact=event.contact))


@in_transaction(ContactAddressChanged)
def withdraw_invitations_to_old_address(event: ContactAddressChanged) -> None:
    """An open invitation went to the old address: it opens nothing any more."""
    contact, by = Contact.objects.get(pk=event.contact), User.objects.get(pk=event.by)
    _withdraw_invitations(contact, by=by)


@in_transaction(ContactEnded)
def end_contacts_access(event: ContactEnded) -> None:
    """Withdraw open invitations; sign the person out if they act for no client any more."""
    contact, by = Contact.objects.get(pk=event.contact), User.objects.get(pk=event.by)
    _withdraw_invitations(contact, by=by)
    if event.is_new:
        _sign_out(contact, by=by)


def _withdraw_invitations(contact: Contact, *, by: User) -> None:
    for invitation in Invitation.objects.open().filter(contact=contact):
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at"])
        record_event("invitation.revoked", by=by, about=invitation, client_id=contact.client_id)


def _sign_out(contact: Contact, *, by: User) -> None:
    if contact.user_id is None:
        return
    if Contact.objects.active().filter(user_id=contact.user_id).exists():
        return
    ended, _rows = Session.objects.filter(user_id=contact.user_id).delete()
    if ended:
        record_event(
            "contact.signed_out",
            by=by,
            about=contact,
            client_id=contact.client_id,
            meta={"sessions": ended},
        )
