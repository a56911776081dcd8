"""Large files are read and written by the worker, one of a firm at a time, and nothing is lost."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as live_settings
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.utils import timezone

from billing.exchange import background, submission
from billing.exchange.background import MOST_ATTEMPTS, work_on
from billing.exchange.import_lock import ImportBusy, import_lock
from billing.exchange.models import ImportRun
from billing.exchange.services import ImportNotReady, preview_import, run_import
from billing.exchange.submission import confirm_import, resubmit_import, submit_import
from billing.exchange.tasks import work_on_imports
from billing.invoices.models import Invoice
from infra.audit.models import AuditEvent
from infra.common.errors import Invalid, NotAllowed
from tenants.firms.sweep import firms_where
from tenants.people.models import Client
from tests.world import FirmWorld, World

ROOT = Path(__file__).resolve().parents[3]
HEAD = (
    "invoice_number,invoice_date,client_code,matter_code,kind,date,quantity,unit_price,amount,"
    "description\n"
)


def csv_of(*numbers: str, amount: str = "100.00") -> io.BytesIO:
    rows = (
        f"{number},2026-05-01,N1,M1,fixed_fee,2026-05-01,1,{amount},{amount},Retainer\n"
        for number in numbers
    )
    return io.BytesIO((HEAD + "".join(rows)).encode())


@pytest.fixture
def alpha(world: World, settings: Any) -> FirmWorld:
    settings.IMPORT_REQUEST_BYTES = 100
    return world.alpha


def _submit(firm: FirmWorld, *numbers: str, **more: Any) -> ImportRun:
    file = more.pop("file", None) or csv_of(*(numbers or ("R-1",)))
    return submit_import(
        file=file, file_name="a.csv", form="csv", by=firm.people[more.pop("by", "billing")], **more
    )


def _previewed(firm: FirmWorld, *numbers: str) -> ImportRun:
    run = _submit(firm, *numbers)
    work_on()
    run.refresh_from_db()
    assert run.state == "previewed"
    return run


def test_a_large_file_is_stored_and_read_later(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = _submit(alpha)
        assert (run.state, run.progress, run.sha256) == ("reading", 0, "")
        assert default_storage.exists(run.stored_file)
        work_on()
        run.refresh_from_db()
        assert (run.state, run.progress) == ("previewed", 100)
        assert run.summary["new_invoices"] == 1
        assert not Invoice.objects.filter(number="R-1").exists()
        read = AuditEvent.objects.get(action="import.previewed")
        assert read.actor_id == alpha.people["billing"].pk


def test_a_large_file_is_written_later_whole(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = confirm_import(run=_previewed(alpha, "R-1", "R-2"), by=alpha.people["owner"])
        assert run.state == "running"
        assert not Invoice.objects.filter(number="R-1").exists()
        assert confirm_import(run=run, by=alpha.people["owner"]).state == "running"
        work_on()
        run.refresh_from_db()
        assert run.state == "imported"
        assert Invoice.objects.filter(number__in=["R-1", "R-2"]).count() == 2
        assert AuditEvent.objects.get(action="import.done").actor_id == alpha.people["owner"].pk
        assert confirm_import(run=run, by=alpha.people["owner"]).state == "imported"


def test_a_small_file_is_read_and_written_at_once(alpha: FirmWorld, settings: Any) -> None:
    settings.IMPORT_REQUEST_BYTES = 10_000
    with alpha.inside():
        run = _submit(alpha)
        assert run.state == "previewed"
        assert confirm_import(run=run, by=alpha.people["billing"]).state == "imported"


def test_a_small_file_with_many_invoices_is_read_at_once_and_written_later(
    alpha: FirmWorld, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORT_REQUEST_BYTES = 10_000
    monkeypatch.setattr(submission, "REQUEST_INVOICES", 1)
    with alpha.inside():
        run = _submit(alpha, "R-1", "R-2")
        assert run.state == "previewed"
        assert confirm_import(run=run, by=alpha.people["billing"]).state == "running"
        assert not Invoice.objects.filter(number__in=["R-1", "R-2"]).exists()
        work_on()
        assert Invoice.objects.filter(number__in=["R-1", "R-2"]).count() == 2


def test_a_file_that_is_too_large_is_refused_at_once(alpha: FirmWorld, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 120
    with alpha.inside():
        run = _submit(alpha)
        assert (run.state, run.stored_file) == ("refused", "")
        assert run.problems[0]["rule"] == "file.too_large"


def test_a_second_large_file_waits_until_the_first_is_read(alpha: FirmWorld) -> None:
    with alpha.inside():
        first = _submit(alpha)
        files = set(Path(default_storage.path(first.stored_file)).parent.iterdir())
        with pytest.raises(ImportBusy):
            _submit(alpha, "R-2")
        assert list(ImportRun.objects.all()) == [first]
        assert set(Path(default_storage.path(first.stored_file)).parent.iterdir()) == files
        work_on()
        assert _submit(alpha, "R-2").state == "reading"


def test_two_at_the_same_moment_leave_one_and_no_stray_file(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    with alpha.inside():
        first = _submit(alpha)
        # The other one is not seen yet when this one looks.
        ImportRun.objects.filter(pk=first.pk).update(state="previewed")
        usual = submission.store_file

        def meanwhile(file: BinaryIO) -> str:
            ImportRun.objects.filter(pk=first.pk).update(state="reading")
            return usual(file)

        monkeypatch.setattr(submission, "store_file", meanwhile)
        with pytest.raises(ImportBusy):
            _submit(alpha, "R-2")
        folder = Path(default_storage.path(first.stored_file)).parent
        assert [file.name for file in folder.iterdir()] == [Path(first.stored_file).name]


def test_a_second_import_is_refused_while_the_first_is_written(alpha: FirmWorld) -> None:
    with alpha.inside():
        first, second = _previewed(alpha, "R-1"), _previewed(alpha, "R-2")
        confirm_import(run=first, by=alpha.people["billing"])
        with pytest.raises(ImportBusy):
            confirm_import(run=second, by=alpha.people["billing"])
        second.refresh_from_db()
        assert second.state == "previewed"
        work_on()
        confirm_import(run=second, by=alpha.people["billing"])
        work_on()
        assert Invoice.objects.filter(number__in=["R-1", "R-2"]).count() == 2


def test_what_is_not_read_or_has_failed_is_not_written(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = _submit(alpha)
        for state in ("reading", "failed"):
            ImportRun.objects.filter(pk=run.pk).update(state=state)
            run.refresh_from_db()
            for write in (confirm_import, run_import):
                with pytest.raises(ImportNotReady):
                    write(run=run, by=alpha.people["billing"])
        assert not Invoice.objects.filter(number="R-1").exists()


def test_an_unknown_notation_is_refused_before_the_file_is_kept(alpha: FirmWorld) -> None:
    with alpha.inside():
        with pytest.raises(Invalid):
            _submit(alpha, mapping={"date_order": "ymd"})
        with pytest.raises(NotAllowed):
            _submit(alpha, by="attorney")
        assert not ImportRun.objects.exists()


def test_other_columns_of_a_large_file_are_read_later_too(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = _previewed(alpha)
        again = resubmit_import(
            run=run, mapping={"invoice_number": "client_code"}, by=alpha.people["billing"]
        )
        assert (again.state, again.pk == run.pk) == ("reading", False)
        work_on()
        again.refresh_from_db()
        assert again.state == "refused"


def test_a_file_that_no_longer_fits_is_refused_with_reasons(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = confirm_import(run=_previewed(alpha), by=alpha.people["billing"])
        other = csv_of("R-1", amount="90.00")
        small = preview_import(file=other, file_name="b.csv", by=alpha.people["billing"])
        run_import(run=small, by=alpha.people["billing"])
        work_on()
        run.refresh_from_db()
        assert run.state == "refused"
        assert run.problems[0]["rule"] == "import.number_with_other_total"
        assert [invoice.total for invoice in Invoice.objects.filter(number="R-1")] == [90]


def test_problems_are_in_the_language_of_who_handed_the_file_in(alpha: FirmWorld) -> None:
    with alpha.inside():
        person = alpha.people["billing"]
        person.language = "fr"
        person.save(update_fields=["language"])
        bad = csv_of("R-1").getvalue().replace(b"2026-05-01", b"yesterday")
        run = _submit(alpha, file=io.BytesIO(bad * 2))
        work_on()
        run.refresh_from_db()
        english = preview_import(
            file=io.BytesIO(bad * 2), file_name="b", form="csv", by=alpha.people["owner"]
        )
        assert [found["rule"] for found in run.problems] == [
            found["rule"] for found in english.problems
        ]
        assert run.problems[0]["message"] != english.problems[0]["message"]


def test_who_may_no_longer_bill_imports_nothing(alpha: FirmWorld) -> None:
    with alpha.inside():
        run = confirm_import(run=_previewed(alpha), by=alpha.people["billing"])
        alpha.people["billing"].is_active = False
        alpha.people["billing"].role = "attorney"
        alpha.people["billing"].save()
        work_on()
        run.refresh_from_db()
        assert (run.state, run.problems[0]["rule"]) == ("failed", "import.not_allowed")
        assert not Invoice.objects.filter(number="R-1").exists()


def test_a_defect_ends_the_run_and_is_told(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError

    with alpha.inside():
        run = _submit(alpha)
        monkeypatch.setattr(background, "read_import", broken)
        with pytest.raises(ZeroDivisionError):
            work_on()
        run.refresh_from_db()
        assert (run.state, run.problems[0]["rule"]) == ("failed", "import.broken_off")
        assert AuditEvent.objects.get(action="import.failed").meta == {"rule": "import.broken_off"}
        monkeypatch.undo()
        work_on()
        run.refresh_from_db()
        assert run.state == "failed"


def test_a_database_that_went_away_is_asked_again_three_times(
    alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError

    with alpha.inside():
        run = _submit(alpha)
        monkeypatch.setattr(background, "read_import", gone)
        for turn in range(1, MOST_ATTEMPTS + 1):
            with pytest.raises(OperationalError):
                work_on()
            run.refresh_from_db()
            assert (run.state, run.attempts) == ("reading", turn)
        work_on()
        run.refresh_from_db()
        assert (run.state, run.problems[0]["rule"]) == ("failed", "import.broken_off")


def test_the_sweep_finds_what_no_worker_was_heard_of_about(alpha: FirmWorld) -> None:
    from infra.events.schedules import sweeps

    condition = next(one.condition for one in sweeps() if one.task.name == work_on_imports.name)
    with alpha.inside():
        run = _submit(alpha)
    assert list(firms_where(condition)) == []
    with alpha.inside():
        ImportRun.objects.filter(pk=run.pk).update(worked_at=timezone.now() - timedelta(seconds=61))
    assert [str(firm) for firm in firms_where(condition)] == [str(alpha.ref.id)]


# With real commits


@pytest.fixture
def committed_alpha(committed_world: World, settings: Any) -> FirmWorld:
    settings.IMPORT_REQUEST_BYTES = 100
    return committed_world.alpha


def _unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages to the worker are lost; what tests call ``work_on`` for."""
    monkeypatch.setattr(submission, "enqueue_best_effort", lambda *_args, **_kwargs: None)


def test_a_slow_import_keeps_no_other_firm_and_no_other_page_waiting(
    committed_world: World, committed_alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unsent(monkeypatch)
    alpha, beta = committed_alpha, committed_world.beta
    begun, go_on = threading.Event(), threading.Event()
    usual = background.read_import

    def slow(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        assert go_on.wait(60)
        return usual(*args, **kwargs)

    def worker() -> None:
        try:
            with alpha.inside():
                work_on()
        finally:
            connection.close()

    monkeypatch.setattr(background, "read_import", slow)
    with alpha.inside():
        run = _submit(alpha)
    thread = threading.Thread(target=worker)
    thread.start()
    try:
        assert begun.wait(30)
        # The same firm's pages, and an import beside it that is refused with words.
        browser = alpha.browser("billing")
        assert browser.get("/invoices/").status_code == 200
        page = browser.get(f"/imports/{run.pk}/").content.decode()
        assert "Your file is being read" in page
        small = io.BytesIO(b"invoice_number\n")
        small.name = "b.csv"
        answer = browser.post("/api/v1/imports/", {"file": small, "format": "csv"})
        assert (answer.status_code, answer.json()["code"]) == (409, "import_busy")
        # A message that came twice.
        with alpha.inside():
            work_on()
            run.refresh_from_db()
            assert (run.state, run.attempts) == ("reading", 1)
        # Another firm's import and pages.
        with beta.inside():
            other = preview_import(file=csv_of("R-1"), file_name="b.csv", by=beta.people["owner"])
            assert run_import(run=other, by=beta.people["owner"]).state == "imported"
        assert beta.browser("owner").get("/invoices/").status_code == 200
    finally:
        go_on.set()
        thread.join()
    with alpha.inside():
        run.refresh_from_db()
        assert run.state == "previewed"
        assert list(ImportRun.objects.all()) == [run]


def test_a_step_that_takes_too_long_ends_and_says_what_to_do(
    committed_alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unsent(monkeypatch)

    def endless(*_args: Any, **_kwargs: Any) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(background, "read_import", endless)
    with committed_alpha.inside():
        run = _submit(committed_alpha)
        work_on()
        run.refresh_from_db()
        assert (run.state, run.problems[0]["rule"]) == ("failed", "import.too_long")
        with import_lock():
            pass


KILLED = """
import django; django.setup()
import os, signal, sys
from django.conf import settings
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[1]
from billing.exchange import background, services
from tests.world import World
written = services.write_plan
def killed(*args, **kwargs):
    written(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)
services.write_plan = killed
with World.load().alpha.inside():
    background.work_on()
print("lived on")
"""


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_an_import_writes_nothing_and_the_next_one_all(
    committed_alpha: FirmWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unsent(monkeypatch)
    alpha = committed_alpha
    with alpha.inside():
        run = confirm_import(run=_previewed(alpha, "R-1", "R-2"), by=alpha.people["billing"])
        media = Path(default_storage.path(run.stored_file)).parents[2]
    base = live_settings.DATABASES["default"]
    address = (
        f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT'] or 5432}"
        f"/{base['NAME']}"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "infra.config.settings.test",
        "DATABASE_URL": address,
    }
    for turn in range(1, MOST_ATTEMPTS):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(media)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr[-2000:]
        with alpha.inside():
            run.refresh_from_db()
            assert (run.state, run.attempts) == ("running", turn)
            assert not Invoice.objects.filter(number__in=["R-1", "R-2"]).exists()
            assert not Client.objects.filter(code="N1").exists()
    with alpha.inside():
        work_on()
        run.refresh_from_db()
        assert run.state == "imported"
        assert Invoice.objects.filter(number__in=["R-1", "R-2"]).count() == 2
