"""Lists, tabs and doors on a narrow phone, in the languages with the longest words."""

from __future__ import annotations

import pytest

from billing.invoices.services.issuing import void_invoice
from branding.identity.services import save_identity
from tenants.access.sign_in_policy import save_sign_in_policy
from tenants.people.models import User
from tests.browser.conftest import NewVisitor, Visitor
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser
# Left edge of the words, right edge of what is second, left edge of the status, by row.
EDGES = """() => [...document.querySelectorAll('tbody tr')].map(row => {
  const side = (name, edge) => {
    const cell = row.querySelector(name)
    const box = document.createRange()
    box.selectNodeContents(cell)
    return Math.round(box.getBoundingClientRect()[edge])
  }
  return [side('.first', 'left'), side('.second', 'right'), side('.state', 'left')]
})"""
OUTSIDE = """() => [...document.querySelectorAll('.tabs a')]
  .filter(tab => tab.getBoundingClientRect().right > innerWidth || tab.scrollWidth > tab.clientWidth)
  .map(tab => tab.textContent)"""


def _owner(served: World, visitor: NewVisitor, language: str, width: int) -> Visitor:
    with served.alpha.inside():
        User.objects.filter(email="owner@alpha.test").update(language=language)
    owner = visitor(width=width)
    owner.go(served.alpha.console, "/sign-in/")
    owner.page.fill("[name=email]", "owner@alpha.test")
    owner.page.fill("[name=password]", PASSWORD)
    owner.page.click("main form button[type=submit]")
    owner.page.wait_for_url(f"http://{served.alpha.console}:{owner.port}/")
    return owner


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_the_console_fits_a_narrow_phone(served: World, visitor: NewVisitor, language: str) -> None:
    alpha = served.alpha
    with alpha.inside():
        # Nothing can be done with it in bulk: its row has no box to tick.
        void_invoice(invoice=alpha.invoice(2), by=alpha.people["owner"], reason="Mistake")
    owner = _owner(served, visitor, language, 320)
    owner.go(alpha.console, "/invoices/")
    edges = owner.page.evaluate(EDGES)
    assert len(edges) == 4
    assert len({left for left, _second, _state in edges}) == 1, "rows begin at one edge"
    assert all(second <= state for _left, second, state in edges), "nothing runs into the status"
    owner.check(f"narrow-invoices-{language}")
    for name in ("", "identity/", "people/", "payments/", "tokens/"):
        owner.go(alpha.console, f"/settings/{name}")
        assert owner.page.evaluate(OUTSIDE) == []
        assert not owner.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    owner.check(f"narrow-tokens-{language}")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (320, True)])
def test_the_door_of_a_closed_portal_has_no_fault(
    served: World, visitor: NewVisitor, width: int, dark: bool
) -> None:
    alpha = served.alpha
    with alpha.inside():
        by = alpha.people["owner"]
        save_identity(changes={"phone": "+32 2 555 01 01", "email": "desk@alpha.test"}, by=by)
        save_sign_in_policy(changes={"portal_on": False}, by=by)
    client = visitor(width=width, dark=dark)
    client.go(alpha.portal)
    assert client.page.get_by_role("link", name="+32 2 555 01 01").is_visible()
    assert client.page.locator("[name=password]").count() == 0
    client.check(f"closed-{width}")
