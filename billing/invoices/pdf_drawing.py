"""Draw PDFs for pages and mails, without one firm's keeping another's waiting.

Small documents are drawn at once. A large one is drawn by a worker of its own while the reader, or
the delivery of a mail, comes back (``PdfBeingMade``), one at a time for each firm. What is drawn is
found again by the hash of its source, so that the same draft is not drawn twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import PdfDrawing
from infra.common.errors import Unavailable
from infra.events.task_base import DRAWINGS, enqueue_best_effort, firm_task
from infra.rendering.pdf import PdfUnavailable, render_pdf
from infra.tenancy.storage import new_file_name

# Bytes of HTML, and the lines of an invoice that make so many: a tenth of a second to draw.
SMALL = 64_000
FEW_LINES = 80
LOST_AFTER = timedelta(minutes=5)
FAILED_FOR = timedelta(minutes=1)
KEPT_FOR = timedelta(days=7)
FOLDER = "drawings"


class PdfBeingMade(Unavailable):
    """The worker draws this document, or another one of this firm first."""

    message = _("The PDF is being made. It will be here in a moment.")


@dataclass(frozen=True, slots=True)
class PdfSource:
    """What a PDF is drawn from: self-contained HTML, its title and its language."""

    html: str
    title: str
    language: str

    @property
    def key(self) -> str:
        """SHA-256 of all of it."""
        return hashlib.sha256(self._json()).hexdigest()

    def _json(self) -> bytes:
        return json.dumps([self.html, self.title, self.language]).encode()

    def keep(self) -> str:
        """Store it for the worker; the file's name."""
        name: str = default_storage.save(new_file_name(FOLDER, "json"), ContentFile(self._json()))
        return name


def draw_now(source: PdfSource, *, seconds: int | None = None) -> bytes:
    """Draw it, for as long as it takes or ``seconds``. Raises ``PdfUnavailable``."""
    return render_pdf(source.html, title=source.title, language=source.language, seconds=seconds)


def draw_for_reader(make_source: Callable[[], PdfSource], *, lines: int) -> bytes:
    """The PDF if it is there or soon drawn; ``lines`` says how long the document is.

    Raises ``PdfBeingMade``, ``PdfUnavailable``.
    """
    if lines > FEW_LINES and _waiting().exists():
        # Its source alone would take a second to make, for each time that somebody asks.
        raise PdfBeingMade
    source = make_source()
    key = source.key
    drawing = PdfDrawing.objects.filter(pk=key).first()
    if drawing is not None:
        content = _read(drawing)
        if content is not None:
            return content
        if drawing.failed_at and drawing.failed_at > timezone.now() - FAILED_FOR:
            raise PdfUnavailable
    if len(source.html) <= SMALL:
        try:
            content = draw_now(source, seconds=settings.PDF_WAIT_SECONDS)
        except PdfUnavailable:
            pass  # the machine is busy: the worker has more time
        else:
            _finish(key, content)
            return content
    _ask_worker(source, key)
    raise PdfBeingMade


@firm_task(queue=DRAWINGS)
def draw_waiting(*, key: str) -> None:
    """Draw what a reader waits for; done already: nothing happens."""
    drawing = PdfDrawing.objects.filter(pk=key, is_waiting=True).first()
    if drawing is None:
        return
    with default_storage.open(drawing.source_file) as file:
        source = PdfSource(*json.load(file))
    try:
        content = draw_now(source)
    except PdfUnavailable:
        PdfDrawing.objects.filter(pk=key).update(is_waiting=False, failed_at=timezone.now())
    else:
        _finish(key, content)
    default_storage.delete(drawing.source_file)


def clear_drawings() -> None:
    """Delete drawings that nobody can need any more: a week old."""
    for drawing in PdfDrawing.objects.filter(at__lt=timezone.now() - KEPT_FOR):
        drawing.delete()
        for name in (drawing.source_file, drawing.pdf_file):
            if name:
                default_storage.delete(name)


def _waiting() -> QuerySet[PdfDrawing]:
    found: QuerySet[PdfDrawing] = PdfDrawing.objects.filter(
        is_waiting=True, at__gte=timezone.now() - LOST_AFTER
    )
    return found


def _read(drawing: PdfDrawing) -> bytes | None:
    if not drawing.pdf_file or not default_storage.exists(drawing.pdf_file):
        return None
    with default_storage.open(drawing.pdf_file) as file:
        content: bytes = file.read()
    return content if hashlib.sha256(content).hexdigest() == drawing.pdf_sha256 else None


def _finish(key: str, content: bytes) -> None:
    name = default_storage.save(new_file_name(FOLDER, "pdf"), ContentFile(content))
    made = {
        "pdf_file": name,
        "pdf_sha256": hashlib.sha256(content).hexdigest(),
        "is_waiting": False,
        "failed_at": None,
    }
    PdfDrawing.objects.update_or_create(pk=key, defaults=made)


def _ask_worker(source: PdfSource, key: str) -> None:
    """Put the document into the firm's one place, if that is free."""
    # A worker that was lost with its task, or a message that was: the place is free again.
    lost = PdfDrawing.objects.filter(is_waiting=True).exclude(pk__in=_waiting())
    lost.update(is_waiting=False)
    if _waiting().exists():
        return
    name = source.keep()
    asked = {"source_file": name, "is_waiting": True, "at": timezone.now(), "failed_at": None}
    try:
        with transaction.atomic():
            PdfDrawing.objects.update_or_create(pk=key, defaults=asked)
    except IntegrityError:
        default_storage.delete(name)  # another request was faster
        return
    enqueue_best_effort(draw_waiting, key=key)
