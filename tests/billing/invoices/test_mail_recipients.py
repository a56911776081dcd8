"""Each recipient of an invoice is mailed alone: one that is refused costs nobody else theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from billing.credit_notes.services import credit_whole_invoice
from billing.invoices.services.issuing import send_invoice
from infra.events.models import Delivery
from infra.events.relay import deliver_due
from tenants.people.clients import create_contact
from tests.world import FirmWorld, World

REFUSED = "closed@alpha.test"


@pytest.fixture
def alpha(world: World, monkeypatch: pytest.MonkeyPatch) -> FirmWorld:
    monkeypatch.setattr("infra.events.services.enqueue_best_effort", lambda *args, **kwargs: None)
    return world.alpha


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Address and Message-ID of what the mail server took; it refuses one address."""
    taken: list[tuple[str, str]] = []

    def send(mail: Any, *args: Any, **kwargs: Any) -> int:
        (to,) = mail.to
        if to == REFUSED:
            raise OSError("550 no such mailbox")
        taken.append((to, mail.extra_headers["Message-ID"]))
        return 1

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    return taken


def _with_more_contacts(firm: FirmWorld) -> set[str]:
    """The addresses that take mail, beside one in the middle of the list that does not."""
    client, owner = firm.client(), firm.people["owner"]
    for name, email in (("Aa", "first@alpha.test"), ("Bb", REFUSED), ("Zz", "last@alpha.test")):
        create_contact(client=client, name=name, email=email, by=owner)
    receiving = client.contacts.filter(receives_invoices=True)
    return set(receiving.values_list("email", flat=True)) - {REFUSED}


def _try_again() -> None:
    Delivery.objects.pending().update(due_at=timezone.now() - timedelta(seconds=1))
    deliver_due()


@pytest.mark.parametrize(
    "act",
    [
        lambda firm: send_invoice(invoice=firm.invoice(), by=firm.people["owner"]),
        lambda firm: credit_whole_invoice(
            invoice=firm.invoice(), reason="Agreed", by=firm.people["owner"]
        ),
    ],
    ids=["invoice", "credit note"],
)
def test_one_refused_address_costs_nobody_else_their_mail(
    alpha: FirmWorld, sent: list[tuple[str, str]], act: Callable[[FirmWorld], object]
) -> None:
    with alpha.inside():
        addresses = _with_more_contacts(alpha)
        act(alpha)
        deliver_due()
        for _turn in range(3):
            _try_again()
        assert sorted(to for to, _id in sent) == sorted(addresses)
        assert len({message_id for _to, message_id in sent}) == len(sent)
        (waiting,) = Delivery.objects.pending()
        assert waiting.attempts == 4
