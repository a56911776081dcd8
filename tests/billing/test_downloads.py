"""Reading and taking papers: the same events by page and API, for clients and staff alike."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model

from billing.credit_notes.reading import download_credit_note_pdf
from billing.credit_notes.selectors import CreditNoteUnknown
from billing.credit_notes.services import credit_lines
from billing.invoices.selectors import InvoiceUnknown
from billing.invoices.services.reading import download_invoice_pdf, read_invoice
from billing.payments.history import invoice_readers
from billing.payments.selectors import PaymentUnknown
from billing.payments.services.reading import download_receipt, read_invoice_sheet
from infra.audit.models import AuditEvent
from infra.common.downloads import StoredDownload
from portal_api.downloads import file_response as api_response
from tests.webapp.portal.conftest import write_payment
from tests.world import FirmWorld, World
from webapp.kit.downloads import file_response as page_response

READING = ("invoice.viewed", "invoice.downloaded", "credit_note.downloaded", "receipt.downloaded")


@pytest.fixture
def papers(world: World) -> dict[str, UUID]:
    """Ada's invoice, a credit note on it and a receipt for it."""
    payment = write_payment(world.alpha, "succeeded")
    with world.alpha.inside():
        invoice = world.alpha.invoice()
        note = credit_lines(
            invoice=invoice,
            amounts={1: Decimal(10)},
            reason="Agreed",
            seen=Decimal(0),
            by=world.alpha.people["owner"],
        )
    return {"invoice": invoice.pk, "note": note.pk, "payment": payment.pk}


def _read(firm: FirmWorld) -> list[tuple[str, UUID, UUID | None, UUID | None]]:
    with firm.inside():
        found = AuditEvent.objects.filter(action__in=READING).order_by("at")
        return list(found.values_list("action", "actor_id", "object_id", "client_id"))


PATHS = [
    ("invoices/{invoice}/", "invoice", "invoice.viewed"),
    ("invoices/{invoice}/pdf/", "invoice", "invoice.downloaded"),
    ("credit-notes/{note}/pdf/", "note", "credit_note.downloaded"),
    ("payments/{payment}/receipt/", "payment", "receipt.downloaded"),
]


@pytest.mark.parametrize("person", ["ada", "owner"])
@pytest.mark.parametrize("prefix", ["/", "/api/v1/"])
@pytest.mark.parametrize(("path", "thing", "action"), PATHS)
def test_every_way_of_reading_writes_the_same_event(
    world: World,
    papers: dict[str, UUID],
    person: str,
    prefix: str,
    path: str,
    thing: str,
    action: str,
) -> None:
    browser = world.alpha.browser(person)
    address = prefix + path.format(**papers)
    answer = browser.get(address)
    assert answer.status_code == 200
    with world.alpha.inside():
        client = world.alpha.client().pk
    event = (action, world.alpha.people[person].pk, papers[thing], client)
    assert _read(world.alpha) == [event]
    # Who asks for the headers alone has read nothing.
    head = browser.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert _read(world.alpha) == [event]
    if action.endswith(".downloaded"):
        for one in (answer, head):
            assert one["Content-Type"] == "application/pdf"
            assert one["Content-Disposition"].startswith('attachment; filename="alpha-')
            assert one["X-Content-Type-Options"] == "nosniff"
            assert one["Cache-Control"] == "private, no-store"
            assert int(one["Content-Length"]) > 1000


def test_of_staff_and_client_only_the_client_counts_as_reader(
    world: World, papers: dict[str, UUID]
) -> None:
    for person in ("owner", "ada", "ada"):
        world.alpha.browser(person).get(f"/invoices/{papers['invoice']}/")
    with world.alpha.inside():
        (reader,) = invoice_readers(world.alpha.invoice())
    assert (reader.name, reader.times) == (str(world.alpha.people["ada"]), 2)


@pytest.mark.parametrize(
    ("read", "thing", "error"),
    [
        (read_invoice, "invoice_id", InvoiceUnknown),
        (read_invoice_sheet, "invoice_id", InvoiceUnknown),
        (download_invoice_pdf, "invoice_id", InvoiceUnknown),
        (download_credit_note_pdf, "note_id", CreditNoteUnknown),
        (download_receipt, "payment_id", PaymentUnknown),
    ],
)
def test_who_may_not_see_it_reads_nothing_and_nothing_is_recorded(
    world: World,
    papers: dict[str, UUID],
    read: Callable[..., Model],
    thing: str,
    error: type[Exception],
) -> None:
    pk = papers[{"note_id": "note", "payment_id": "payment"}.get(thing, "invoice")]
    with world.alpha.inside(), pytest.raises(error):
        read(by=world.alpha.people["bob"], **{thing: pk})
    assert _read(world.alpha) == []


def test_a_payment_that_did_not_succeed_has_no_receipt(world: World) -> None:
    payment = write_payment(world.alpha, "failed")
    for person in ("ada", "owner"):
        for prefix in ("/", "/api/v1/"):
            answer = world.alpha.browser(person).get(f"{prefix}payments/{payment.pk}/receipt/")
            assert answer.status_code == 404
    assert _read(world.alpha) == []


@pytest.mark.parametrize("respond", [page_response, api_response])
@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("smith-2026-1.pdf", 'attachment; filename="smith-2026-1.pdf"'),
        ("../../etc/passwd", 'attachment; filename="-..-etc-passwd"'),
        ('a"b\r\nSet-Cookie: x=1.pdf', 'attachment; filename="a-bSet-Cookie- x=1.pdf"'),
        ("", 'attachment; filename="file"'),
        ("Übersicht.pdf", "attachment; filename*=utf-8''%C3%9Cbersicht.pdf"),
    ],
)
def test_a_file_leaves_as_attachment_under_a_safe_name(
    respond: Callable[[StoredDownload], Any], name: str, disposition: str
) -> None:
    answer = respond(StoredDownload(name, b"<script>", "text/html"))
    assert answer["Content-Disposition"] == disposition
    assert answer["Content-Type"] == "text/html"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
