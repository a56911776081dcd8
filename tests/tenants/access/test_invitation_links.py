"""Mails about an invoice let a contact in: a link each, none kills another, all end together."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client as Browser

from billing.invoices.models import BillingSettings, Invoice
from billing.invoices.pdf import keep_invoice_pdf
from billing.invoices.services.issuing import send_invoice
from infra.audit.models import AuditEvent
from infra.events.relay import deliver_due
from infra.tenancy.locale_formats import today_of_firm
from tenants.access.invitation_links import InvitationUnknown, InvitationUsed, find_way_in
from tenants.access.invitations import invite_contact, resend_invitation, revoke_invitation
from tenants.access.models import Invitation, InvitationLink
from tenants.access.selectors import contacts_of
from tenants.people.clients import create_contact, update_contact
from tenants.people.models import Contact, User
from tests.tenants.access.surfaces import by_page
from tests.world import PASSWORD, FirmWorld, World

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
NEW_PASSWORD = "seven herons over grey water"


def _cara(firm: FirmWorld, email: str = "cara@alpha.test", number: int = 1) -> Contact:
    owner = firm.people["owner"]
    return create_contact(client=firm.client(number), name="Cara", email=email, by=owner)


def _mail_to(email: str) -> str:
    return str([sent.body for sent in mail.outbox if sent.to == [email]][-1])


def _token_in(body: str) -> str:
    found = re.search(r"/invitation/([\w-]+)/", body)
    assert found is not None, body
    return found[1]


def _sent(firm: FirmWorld, email: str = "cara@alpha.test", number: int = 1) -> tuple[Invoice, str]:
    """Send the client's invoice (again); the invoice and the secret in the mail. Inside the firm."""
    invoice = firm.invoice(number)
    send_invoice(invoice=invoice, by=firm.people["owner"])
    deliver_due()
    return invoice, _token_in(_mail_to(email))


def _accept(firm: FirmWorld, token: str, password: str = NEW_PASSWORD) -> tuple[Browser, Any]:
    browser = Browser(headers={"host": firm.portal})
    body = {"name": "Cara", "password": password}
    return browser, browser.post(f"/invitation/{token}/", body)


def test_the_invoice_mail_lets_a_contact_in_and_leads_to_that_invoice(world: World) -> None:
    with world.alpha.inside():
        contact = _cara(world.alpha)
        invoice, token = _sent(world.alpha)
    browser, answer = _accept(world.alpha, token)
    assert (answer.status_code, answer["Location"]) == (302, f"/invoices/{invoice.pk}/")
    assert str(invoice) in browser.get(answer["Location"]).content.decode()
    with world.alpha.inside():
        assert Contact.objects.get(pk=contact.pk).user == User.objects.get(email=contact.email)
        told = AuditEvent.objects.filter(action="invitation.sent", client_id=contact.client_id)
        assert told.get().meta == {"target": f"/invoices/{invoice.pk}/"}


def test_a_contact_with_access_gets_a_plain_link(world: World) -> None:
    with world.alpha.inside():
        invoice = world.alpha.invoice()
        send_invoice(invoice=invoice, by=world.alpha.people["owner"])
        deliver_due()
    body = _mail_to("ada@alpha.test")
    assert f"/invoices/{invoice.pk}/" in body
    assert "/invitation/" not in body


def test_an_invoice_that_is_not_shared_opens_nothing(world: World) -> None:
    with world.alpha.inside():
        _cara(world.alpha)

        BillingSettings.objects.update_or_create(defaults={"invoice_sharing": "manual"})
        Invoice.objects.filter(pk=world.alpha.invoice().pk).update(shared_at=None)
        send_invoice(invoice=world.alpha.invoice(), by=world.alpha.people["owner"])
        deliver_due()
        assert not InvitationLink.objects.exists()
        kept = keep_invoice_pdf(world.alpha.invoice())
    body = _mail_to("cara@alpha.test")
    assert "/invitation/" not in body
    assert "The invoice is attached to this mail." in body
    for sent in mail.outbox:
        [(name, content, kind)] = [part for part in sent.attachments if isinstance(part, tuple)]
        assert (name, kind) == ("alpha-2026-0001.pdf", "application/pdf")
        assert content == kept


def test_the_mail_about_a_shared_invoice_carries_no_paper(world: World) -> None:
    with world.alpha.inside():
        send_invoice(invoice=world.alpha.invoice(), by=world.alpha.people["owner"])
        deliver_due()
    assert not mail.outbox[0].attachments
    assert "attached" not in _mail_to("ada@alpha.test")


def test_each_mail_has_its_own_link_and_none_kills_another(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        contact = _cara(world.alpha)
        invite_contact(contact=contact, by=owner)
        deliver_due()
        invited = _token_in(_mail_to(contact.email))
        _invoice, first = _sent(world.alpha)
        _invoice, second = _sent(world.alpha)
        assert len({invited, first, second}) == 3
        for token in (invited, first, second):
            assert find_way_in(token).invitation.contact == contact
        resend_invitation(invitation=contact.invitations.get(), by=owner)
        deliver_due()
        with pytest.raises(InvitationUnknown):
            find_way_in(invited)
        find_way_in(first)
    _browser, answer = _accept(world.alpha, first)
    assert answer.status_code == 302
    with world.alpha.inside():
        for token in (first, second):
            with pytest.raises(InvitationUsed):
                find_way_in(token)


def test_several_contacts_have_a_link_each(world: World) -> None:
    with world.alpha.inside():
        _cara(world.alpha)
        _cara(world.alpha, "dan@alpha.test")
        _invoice, token = _sent(world.alpha)
        other = _token_in(_mail_to("dan@alpha.test"))
        assert token != other
        assert find_way_in(token).invitation.email == "cara@alpha.test"
        assert find_way_in(other).invitation.email == "dan@alpha.test"


def test_only_hashes_are_stored(world: World) -> None:
    with world.alpha.inside():
        _cara(world.alpha)
        _invoice, token = _sent(world.alpha)
        with connection.cursor() as cursor:
            for table in ("invitation", "invitation_link", "stored_event", "audit_event"):
                cursor.execute(f"SELECT t::text FROM {table} t")
                assert not any(token in row[0] for row in cursor.fetchall())


def test_a_link_of_another_firm_is_unknown(world: World) -> None:
    with world.beta.inside():
        owner = world.beta.people["owner"]
        create_contact(client=world.beta.client(), name="Cara", email="cara@beta.test", by=owner)
        _invoice, token = _sent(world.beta, "cara@beta.test")
    _browser, answer = _accept(world.alpha, token)
    assert answer.status_code == 410
    with world.beta.inside():
        assert find_way_in(token).invitation.accepted_at is None


def test_one_who_got_access_meanwhile_signs_in_and_lands_on_the_invoice(world: World) -> None:
    with world.alpha.inside():
        _cara(world.alpha)
        invoice, first = _sent(world.alpha)
        _invoice, second = _sent(world.alpha)
    _accept(world.alpha, first)
    browser = Browser(headers={"host": world.alpha.portal})
    answer = browser.get(f"/invitation/{second}/")
    assert answer["Location"] == f"/sign-in/?next=%2Finvoices%2F{invoice.pk}%2F"
    landed = by_page(browser, "cara@alpha.test", NEW_PASSWORD, next=f"/invoices/{invoice.pk}/")
    assert landed["Location"] == f"/invoices/{invoice.pk}/"
    # The same link once more, now signed in: straight on.
    again = browser.get(f"/invitation/{second}/", follow=True)
    assert again.redirect_chain[-1][0] == f"/invoices/{invoice.pk}/"


def test_one_whose_access_has_ended_is_told_so(world: World) -> None:
    with world.alpha.inside():
        contact = _cara(world.alpha)
        _invoice, token = _sent(world.alpha)
        Contact.objects.filter(pk=contact.pk).update(ends_on=today_of_firm() - timedelta(days=1))
    browser, answer = _accept(world.alpha, token)
    assert answer.status_code == 410
    assert "Your access has ended" in answer.content.decode()
    assert browser.get("/").status_code == 302
    with world.alpha.inside():
        assert not User.objects.filter(email="cara@alpha.test").exists()


def test_a_changed_address_makes_links_to_the_old_one_worthless(world: World) -> None:
    owner = world.alpha.people["owner"]
    with world.alpha.inside():
        contact = _cara(world.alpha)
        _invoice, old = _sent(world.alpha)
        update_contact(contact=contact, changes={"email": "cara.new@alpha.test"}, by=owner)
        _invoice, new = _sent(world.alpha, "cara.new@alpha.test")
    _browser, answer = _accept(world.alpha, old)
    assert answer.status_code == 410
    with world.alpha.inside():
        assert not User.objects.filter(email__startswith="cara").exists()
    assert _accept(world.alpha, new)[1].status_code == 302
    with world.alpha.inside():
        assert User.objects.get(email__startswith="cara").email == "cara.new@alpha.test"


def test_withdrawing_the_invitation_closes_every_link(world: World) -> None:
    with world.alpha.inside():
        contact = _cara(world.alpha)
        _invoice, token = _sent(world.alpha)
        revoke_invitation(invitation=contact.invitations.get(), by=world.alpha.people["owner"])
    assert _accept(world.alpha, token)[1].status_code == 410
    with world.alpha.inside():
        assert not User.objects.filter(email=contact.email).exists()


def test_an_expired_link_offers_a_new_one_to_the_same_place(world: World) -> None:
    with time_machine.travel(NOW, tick=False) as clock, world.alpha.inside():
        _cara(world.alpha)
        invoice, token = _sent(world.alpha)
        clock.shift(timedelta(hours=73))
        page, _ = Browser(headers={"host": world.alpha.portal}), None
        assert page.get(f"/invitation/{token}/").status_code == 410
        mail.outbox.clear()
        for _press in range(3):
            assert page.post(f"/invitation/{token}/renew/").status_code == 200
        deliver_due()
        assert [sent.to for sent in mail.outbox] == [["cara@alpha.test"]]
        fresh = _token_in(_mail_to("cara@alpha.test"))
        assert find_way_in(fresh).target == f"/invoices/{invoice.pk}/"
        assert Invitation.objects.filter(email="cara@alpha.test").count() == 1


def test_the_console_says_invited_while_a_link_is_alive(world: World) -> None:
    owner = world.alpha.people["owner"]
    with time_machine.travel(NOW, tick=False) as clock, world.alpha.inside():
        contact = _cara(world.alpha)
        invite_contact(contact=contact, by=owner)
        deliver_due()

        def state() -> str:
            found = contacts_of(owner, world.alpha.client())
            return next(access.state for access in found if access.contact == contact)

        clock.shift(timedelta(hours=73))
        assert state() == "expired"
        _sent(world.alpha)
        assert state() == "sent"
        clock.shift(timedelta(hours=73))
        assert state() == "expired"


def test_guesses_at_an_account_that_is_there_lock_like_sign_in(world: World) -> None:
    """The link of a second client asks for the first one's password: no way around the lock."""
    with world.alpha.inside():
        _cara(world.alpha, "ada@alpha.test", 2)
        _invoice, token = _sent(world.alpha, "ada@alpha.test", 2)
    browser = Browser(headers={"host": world.alpha.portal}, REMOTE_ADDR="192.0.2.9")
    for turn in range(5):
        answer = browser.post(f"/invitation/{token}/", {"password": f"guess number {turn} here"})
        assert answer.status_code == 422
    assert "The e-mail address or the password is not right." not in answer.content.decode()
    assert "Too many attempts" in answer.content.decode()
    # Neither door opens with the right one now, from this place.
    right = browser.post(f"/invitation/{token}/", {"password": PASSWORD})
    assert "Too many attempts" in right.content.decode()
    assert "Too many attempts" in by_page(browser, "ada@alpha.test").content.decode()
    with world.alpha.inside():
        assert Contact.objects.get(email="ada@alpha.test", client__code="C2").user is None


def test_guesses_at_sign_in_count_against_the_link_too(world: World) -> None:
    with world.alpha.inside():
        _cara(world.alpha, "ada@alpha.test", 2)
        _invoice, token = _sent(world.alpha, "ada@alpha.test", 2)
    browser = Browser(headers={"host": world.alpha.portal}, REMOTE_ADDR="192.0.2.9")
    for _turn in range(5):
        by_page(browser, "ada@alpha.test", "not the password at all")
    answer = browser.post(f"/invitation/{token}/", {"password": PASSWORD})
    assert (answer.status_code, "Too many attempts" in answer.content.decode()) == (422, True)


def test_a_person_who_was_switched_off_does_not_join(world: World) -> None:
    with world.alpha.inside():
        _cara(world.alpha, "ada@alpha.test", 2)
        _invoice, token = _sent(world.alpha, "ada@alpha.test", 2)
        User.objects.filter(email="ada@alpha.test").update(is_active=False)
    assert _accept(world.alpha, token, PASSWORD)[1].status_code == 422
    with world.alpha.inside():
        assert Contact.objects.get(email="ada@alpha.test", client__code="C2").user is None
