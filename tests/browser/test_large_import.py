"""A large file is read and written while the page shows how far it is, in a real browser."""

from __future__ import annotations

from typing import Any

import pytest

from billing.exchange import submission
from billing.exchange.background import MOST_ATTEMPTS, work_on
from billing.exchange.models import ImportRun
from tests.browser.conftest import NewVisitor
from tests.webapp.console.pages import good_ledes
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def no_worker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files are large, and nobody takes them on before the test does."""
    settings.IMPORT_REQUEST_BYTES = 100
    monkeypatch.setattr(submission, "enqueue_best_effort", lambda *_args: None)


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (390, True), (390, False)])
def test_the_page_follows_a_large_import_by_itself(
    served: World, visitor: NewVisitor, width: int, scripts: bool
) -> None:
    alpha = served.alpha
    owner = visitor(width=width, javascript=scripts)
    check = owner.check if scripts else lambda _name: None
    owner.sign_in(alpha.console, "owner@alpha.test")
    owner.go(alpha.console, "/imports/")
    page = owner.page
    file: Any = {"name": "bills.txt", "mimeType": "text/plain", "buffer": good_ledes().encode()}
    page.set_input_files("[name=file]", file)
    page.click("text=Look at the file")
    page.wait_for_selector("text=Your file is being read")
    check(f"import-reading-{width}")
    with alpha.inside():
        ImportRun.objects.update(progress=40)
    page.wait_for_selector("text=40% read")
    check(f"import-reading-40-{width}")
    with alpha.inside():
        work_on()
    page.wait_for_selector("text=2 invoices are ready to be imported")
    page.click("text=Import 2 invoices")
    page.wait_for_selector("text=Your bills are being imported")
    check(f"import-running-{width}")
    owner.go(alpha.console, "/imports/")
    check(f"import-list-{width}")
    page.go_back()
    with alpha.inside():
        ImportRun.objects.update(attempts=MOST_ATTEMPTS)
        work_on()
    page.wait_for_selector("text=This import did not work")
    check(f"import-failed-{width}")
