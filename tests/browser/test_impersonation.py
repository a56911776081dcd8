"""A staff member sees the portal as a client does, and comes back: two hosts, real cookies and policy."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NewVisitor
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_sees_as_client_and_comes_back(
    served: World, visitor: NewVisitor, javascript: bool
) -> None:
    with served.alpha.inside():
        invoice = served.alpha.invoice()
    owner = visitor(width=390 if javascript else 1280, dark=javascript, javascript=javascript)
    page = owner.page
    owner.go(served.alpha.console, "/sign-in/")
    page.fill("[name=email]", "owner@alpha.test")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    owner.go(served.alpha.console, f"/invoices/{invoice.pk}/")
    owner.press("See as client")
    page.wait_for_url(f"http://{served.alpha.portal}:*/invoices/{invoice.pk}/")
    page.wait_for_selector("text=Nothing can be changed here.")
    if javascript:
        owner.check("30-seen-as-client")
    owner.press("Pay")
    page.wait_for_selector("text=You are only looking")
    # The browser's own line for the refused request.
    assert all("403" in line for line in owner.errors)
    owner.errors.clear()
    owner.press("Leave")
    page.wait_for_url(f"http://{served.alpha.console}:*/invoices/{invoice.pk}/")
    assert "Nobody at the client has opened it yet." in page.content()
    owner.go(served.alpha.portal, "/")
    page.wait_for_url("**/sign-in/")
