"""Long documents are drawn by the worker, one at a time for each firm; nothing is drawn twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from billing.invoices import pdf_drawing
from billing.invoices.models import PdfDrawing
from billing.invoices.pdf import keep_invoice_pdf
from billing.invoices.pdf_drawing import (
    PdfBeingMade,
    PdfSource,
    clear_drawings,
    draw_for_reader,
    draw_waiting,
)
from infra.rendering.pdf import PdfUnavailable
from tests.world import FirmWorld, World

LONG = PdfSource("<p>x</p>" * 10_000, "Long", "en")
OTHER = PdfSource("<p>y</p>" * 10_000, "Other", "en")
SHORT = PdfSource("<p>x</p>", "Short", "en")


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles in the order in which they were drawn."""
    titles: list[str] = []

    def draw(html: str, *, title: str, language: str, seconds: int | None = None) -> bytes:
        titles.append(title)
        return f"%PDF {title}".encode()

    monkeypatch.setattr(pdf_drawing, "render_pdf", draw)
    return titles


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys that the worker was asked to draw."""
    keys: list[str] = []
    monkeypatch.setattr(pdf_drawing, "enqueue_best_effort", lambda task, *, key: keys.append(key))
    return keys


def _ask(source: PdfSource) -> bytes:
    return draw_for_reader(lambda: source, lines=len(source.html) // 800)


def _work(keys: list[str]) -> None:
    for key in keys:
        draw_waiting.run(key=key)


def test_a_long_document_is_drawn_by_the_worker_and_then_here(
    alpha: FirmWorld, drawn: list[str], asked: list[str]
) -> None:
    with alpha.inside():
        with pytest.raises(PdfBeingMade):
            _ask(LONG)
        assert (drawn, asked) == ([], [LONG.key])
        _work(asked)
        assert _ask(LONG) == b"%PDF Long"
        _work(asked)  # a message that comes twice
        assert (drawn, asked) == (["Long"], [LONG.key])
        waiting = PdfDrawing.objects.get()
        assert not default_storage.exists(waiting.source_file)


def test_a_short_document_is_drawn_at_once_and_only_once(
    alpha: FirmWorld, drawn: list[str], asked: list[str]
) -> None:
    with alpha.inside():
        assert [_ask(SHORT) for _turn in range(2)] == [b"%PDF Short"] * 2
        changed = PdfSource(SHORT.html + "<p>more</p>", "Short", "en")
        _ask(changed)
    assert (drawn, asked) == (["Short", "Short"], [])


def test_one_document_of_a_firm_waits_at_a_time_and_no_firm_waits_for_another(
    world: World, drawn: list[str], asked: list[str]
) -> None:
    for firm, source in ((world.alpha, LONG), (world.alpha, OTHER), (world.beta, OTHER)):
        with firm.inside(), pytest.raises(PdfBeingMade):
            _ask(source)
    assert asked == [LONG.key, OTHER.key]
    with world.alpha.inside():
        assert PdfDrawing.objects.get().pk == LONG.key
        _work([LONG.key])
        with pytest.raises(PdfBeingMade):
            _ask(OTHER)
    assert asked == [LONG.key, OTHER.key, OTHER.key]


def test_nothing_is_prepared_for_who_asks_while_a_long_document_waits(
    alpha: FirmWorld, asked: list[str]
) -> None:
    def prepare() -> PdfSource:
        pytest.fail("prepared for nothing")

    with alpha.inside():
        with pytest.raises(PdfBeingMade):
            _ask(LONG)
        with pytest.raises(PdfBeingMade):
            draw_for_reader(prepare, lines=5000)


def test_a_lost_worker_keeps_the_place_for_five_minutes(
    alpha: FirmWorld, drawn: list[str], asked: list[str]
) -> None:
    with alpha.inside():
        for ago in (0, 4, 6):
            PdfDrawing.objects.update(at=timezone.now() - timedelta(minutes=ago))
            with pytest.raises(PdfBeingMade):
                _ask(LONG)
    assert asked == [LONG.key] * 2


def test_what_cannot_be_drawn_is_said_and_tried_again_after_a_minute(
    alpha: FirmWorld, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_options: Any) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(pdf_drawing, "render_pdf", fail)
    with alpha.inside():
        with pytest.raises(PdfBeingMade):
            _ask(LONG)
        _work(asked)
        with pytest.raises(PdfUnavailable):
            _ask(LONG)
        PdfDrawing.objects.update(failed_at=timezone.now() - timedelta(minutes=2))
        with pytest.raises(PdfBeingMade):
            _ask(LONG)
    assert asked == [LONG.key] * 2


def test_drawings_of_last_week_are_cleared_with_their_files(
    alpha: FirmWorld, drawn: list[str]
) -> None:
    with alpha.inside():
        _ask(SHORT)
        name = PdfDrawing.objects.get().pdf_file
        clear_drawings()
        assert default_storage.exists(name)
        PdfDrawing.objects.update(at=timezone.now() - timedelta(days=8))
        clear_drawings()
        assert not PdfDrawing.objects.exists()
        assert not default_storage.exists(name)


@pytest.mark.parametrize("path", ["/invoices/{}/pdf/", "/api/v1/invoices/{}/pdf/"])
def test_who_asks_too_early_is_told_when_to_ask_again(
    alpha: FirmWorld,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    monkeypatch.setattr(pdf_drawing, "SMALL", 0)
    with alpha.inside():
        invoice = alpha.invoice()
    answer = alpha.browser("ada").get(path.format(invoice.pk))
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    if path.startswith("/api/"):
        assert answer.json()["code"] == "pdf_being_made"
    else:
        assert answer["Refresh"] == "3"
        assert "Your PDF is being made" in answer.content.decode()


def test_a_mail_with_a_long_document_waits_for_it_without_drawing_itself(
    alpha: FirmWorld, drawn: list[str], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_drawing, "SMALL", 0)
    with alpha.inside():
        invoice = alpha.invoice()
        with pytest.raises(PdfBeingMade):
            keep_invoice_pdf(invoice)
        assert (drawn, invoice.pdf_file) == ([], "")
        _work(asked)
        assert keep_invoice_pdf(invoice) == f"%PDF {invoice}".encode()
        assert alpha.invoice().pdf_file
    assert drawn == [str(invoice)]
