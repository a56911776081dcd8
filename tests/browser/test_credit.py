"""A firm credits a part of an invoice and its client sees it, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NewVisitor
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_part_is_credited_and_the_client_sees_it(
    served: World, visitor: NewVisitor, width: int, dark: bool
) -> None:
    alpha = served.alpha
    with alpha.inside():
        path = f"/invoices/{alpha.invoice().pk}/"
    owner, ada = visitor(width=width, dark=dark), visitor(width=width, dark=dark)
    owner.sign_in(alpha.console, "owner@alpha.test")
    owner.go(alpha.console, path)
    page = owner.page
    page.click("text=Make a credit note")
    page.wait_for_url("**/credit/")
    owner.check(f"credit-{width}")
    page.fill("[name=reason]", "Agreed on the phone")
    page.click("text=Credit only a part")
    page.fill("[name=line_1]", "100")
    page.press("[name=line_1]", "Tab")
    # 544.50 less 100.00 with its VAT.
    page.wait_for_selector("#sums:has-text('€423.50')")
    owner.check(f"credit-part-{width}")
    page.click("text=Credit this part")
    page.wait_for_url("**/?done=credited")
    owner.check(f"credited-{width}")
    ada.sign_in(alpha.portal, "ada@alpha.test")
    ada.go(alpha.portal, path)
    ada.page.wait_for_selector("text=We credited €121.00: Agreed on the phone.")
    ada.page.wait_for_selector("text=Pay €423.50")
    ada.check(f"credited-client-{width}")
    with ada.page.expect_download() as download:
        ada.page.click("text=Credit note CN-2026-0001")
    assert download.value.suggested_filename == "alpha-CN-2026-0001.pdf"
