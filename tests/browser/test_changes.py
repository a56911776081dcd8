"""What a firm changes after making it, in a real browser: narrow and wide, light and dark."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NewVisitor
from tests.world import World

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_pages_of_changes_have_no_fault(
    served: World, visitor: NewVisitor, width: int, dark: bool
) -> None:
    alpha = served.alpha
    with alpha.inside():
        client, draft = alpha.client(), alpha.draft()
        contact, matter = client.contacts.get(), client.matters.get()
    paths = {
        "client": f"/clients/{client.pk}/",
        "draft": f"/invoices/{draft.pk}/edit/",
        "contact": f"/contacts/{contact.pk}/edit/",
        "matter": f"/matters/{matter.pk}/edit/",
        "new-matter": f"/clients/{client.pk}/matters/new/",
        "colleagues": "/settings/people/",
        "colleague": f"/settings/people/{alpha.people['billing'].pk}/",
        "look": "/look/",
    }
    owner = visitor(width=width, dark=dark)
    owner.sign_in(alpha.console, "owner@alpha.test")
    for name, path in paths.items():
        owner.go(alpha.console, path)
        owner.check(f"changes-{name}-{width}")
        wide = owner.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{name} is wider than the window"


def test_two_people_at_one_draft_lose_nothing(served: World, visitor: NewVisitor) -> None:
    alpha = served.alpha
    with alpha.inside():
        draft = alpha.draft()
    first, second = visitor(), visitor(width=390)
    first.sign_in(alpha.console, "billing@alpha.test")
    second.sign_in(alpha.console, "owner@alpha.test")
    for person in (first, second):
        person.go(alpha.console, f"/invoices/{draft.pk}/edit/")
    page = first.page
    page.click("text=Add a line")
    page.wait_for_selector("[name=lines-2-description]")
    page.fill("[name=lines-2-description]", "Court fee")
    page.fill("[name=lines-2-unit_price]", "100")
    page.press("[name=lines-2-unit_price]", "Tab")
    # 544.50 and 100.00 with the VAT of the line before.
    page.wait_for_selector("#totals:has-text('€665.50')")
    page.fill("[name=subject]", "First")
    page.click(".actions button[value=save]")
    page.wait_for_url("**/?done=changed")
    second.page.fill("[name=subject]", "Second")
    second.page.click(".actions button[value=save]")
    second.page.wait_for_selector("text=changed this draft while you were writing")
    second.errors = [line for line in second.errors if "409" not in line]
    second.check("changes-clash-390")
    assert second.page.input_value("[name=subject]") == "Second"
    second.page.click("text=Save mine instead")
    second.page.wait_for_url("**/?done=changed")
    with alpha.inside():
        assert (alpha.draft().subject, alpha.draft().lines.count()) == ("Second", 2)
