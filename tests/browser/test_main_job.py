"""The main job, whole: a firm signs up, brands its portal, imports its bills, invites a client;
the client sets a password, reads the invoice, downloads the PDF, pays, and both sides see it paid."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core import mail
from PIL import Image

from tests.billing.exchange.test_import_bills import GOOD, ledes
from tests.browser.conftest import NewVisitor, Visitor
from tests.world import World

pytestmark = pytest.mark.browser

PASSWORD = "seven grey herons by the weir"


def _logo() -> bytes:
    out = BytesIO()
    image = Image.new("RGBA", (360, 90), (0, 0, 0, 0))
    image.paste((11, 94, 42, 255), (8, 8, 82, 82))
    image.paste((11, 94, 42, 255), (100, 34, 350, 56))
    image.save(out, "PNG")
    return out.getvalue()


def _last_link(to: str) -> str:
    bodies = [str(message.body) for message in reversed(mail.outbox) if message.to == [to]]
    links = [found.group(0) for body in bodies if (found := re.search(r"http://\S+", body))]
    return links[0]


def _sign_up(owner: Visitor) -> None:
    owner.go("portico.localhost")
    owner.check("01-product")
    owner.go("portico.localhost", "/sign-up/")
    owner.check("02-sign-up")
    owner.page.fill("[name=firm_name]", "Heron & Weir")
    owner.page.select_option("[name=country]", "IE")
    owner.page.fill("[name=owner_name]", "Nora Heron")
    owner.page.fill("[name=owner_email]", "nora@heron.test")
    owner.page.click("main form button[type=submit]")
    owner.page.wait_for_selector("text=nora@heron.test")
    owner.check("03-check-mail")
    owner.page.goto(_last_link("nora@heron.test"))
    owner.check("04-confirm")
    owner.page.click("main form button[type=submit]")
    owner.page.wait_for_url("**/invitation/**")
    owner.check("05-owner-password")
    owner.page.fill("[name=password]", PASSWORD)
    owner.page.click("main form button[type=submit]")
    owner.page.wait_for_url(re.compile(r"heron-weir\.console\.portico\.localhost:\d+/$"))
    owner.check("06-console-first-day")


def _brand(owner: Visitor) -> None:
    owner.go("heron-weir.console.portico.localhost", "/look/")
    owner.page.fill("[name=colour]", "#0b5e2a")
    owner.page.set_input_files(
        "[name=logo]", {"name": "logo.png", "mimeType": "image/png", "buffer": _logo()}
    )
    owner.press("Publish")
    owner.page.wait_for_load_state()
    owner.check("07-look")
    owner.go("heron-weir.console.portico.localhost", "/settings/identity/")
    owner.page.fill("[name=company_name]", "Heron & Weir Solicitors")
    owner.page.fill("[name=address]", "4 Weir Lane\nCork")
    owner.page.fill("[name=phone]", "+353 21 555 0101")
    owner.page.click("main form button[type=submit]")
    owner.page.wait_for_load_state()
    owner.go("heron-weir.console.portico.localhost", "/settings/payments/")
    owner.press("Connect online payment")
    owner.page.wait_for_selector("text=stand-in for Stripe")
    owner.check("08-onboarding")
    owner.press("Answer everything and go back")
    owner.page.wait_for_selector("text=Clients can pay you online")
    owner.check("08-payments-connected")


def _import(owner: Visitor) -> None:
    owner.go("heron-weir.console.portico.localhost", "/imports/")
    owner.page.set_input_files(
        "[name=file]",
        {"name": "bills.txt", "mimeType": "text/plain", "buffer": ledes(*GOOD).getvalue()},
    )
    owner.page.locator("main form button[type=submit]").first.click()
    owner.page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/"))
    owner.check("09-import-preview")
    owner.page.get_by_role("button", name=re.compile("^Import")).first.click()
    owner.page.wait_for_load_state()
    owner.check("10-imported")


def _invite_and_send(owner: Visitor) -> None:
    owner.go("heron-weir.console.portico.localhost", "/clients/")
    owner.follow("Client 9001")
    owner.page.wait_for_load_state()
    owner.follow("Add a contact")
    owner.page.fill("[name=name]", "Ada Marsh")
    owner.page.fill("[name=email]", "ada@marsh.test")
    if not owner.page.is_checked("[name=invite]"):
        owner.page.check("[name=invite]")
    owner.page.click("main form button[type=submit]")
    owner.page.wait_for_selector("text=Ada Marsh")
    owner.check("11-client-invited")
    owner.go("heron-weir.console.portico.localhost", "/invoices/")
    owner.check("12-invoices")
    owner.follow("L-1")
    owner.page.wait_for_selector("text=1,050.00")
    owner.follow("Send to the client")
    owner.page.get_by_role("button", name=re.compile("^Send")).first.click()
    owner.page.wait_for_load_state()
    owner.check("13-invoice-sent")


def _come_in(client: Visitor) -> None:
    client.page.goto(_last_link("ada@marsh.test"))
    client.check("14-invitation")
    client.page.fill("[name=password]", PASSWORD)
    client.page.click("main form button[type=submit]")
    # The newest mail is the invoice's: it leads to that invoice.
    client.page.wait_for_url(re.compile(r"heron-weir\.portico\.localhost:\d+/invoices/[0-9a-f-]+/"))
    client.page.wait_for_selector("text=Advice on the lease")
    client.go("heron-weir.portico.localhost")
    client.check("15-client-home")
    client.go("heron-weir.portico.localhost", "/invoices/")
    client.check("16-client-invoices")
    client.page.locator("main a", has_text="L-1").first.click()
    client.page.wait_for_selector("text=Advice on the lease")
    client.check("17-client-invoice")


def _pay(client: Visitor) -> None:
    client.page.locator("#pay form button").first.click()
    client.page.wait_for_url("**/sandbox/pay/**")
    client.check("18-gateway")
    client.page.get_by_role("button", name=re.compile("^Pay")).click()
    client.page.wait_for_url(re.compile(r"heron-weir\.portico\.localhost:\d+/payments/"))
    client.page.wait_for_selector("text=Paid. Thank you.", timeout=20_000)
    client.check("19-paid")


def _both_see_it_paid(owner: Visitor, client: Visitor) -> None:
    receipt = next(m for m in reversed(mail.outbox) if m.to == ["ada@marsh.test"])
    assert "Receipt" in receipt.subject
    names = [part[0] for part in receipt.attachments if isinstance(part, tuple)]
    assert [name for name in names if str(name).endswith(".pdf")]
    client.go("heron-weir.portico.localhost", "/invoices/?status=paid")
    assert client.page.locator("main", has_text="L-1").count() == 1
    owner.go("heron-weir.console.portico.localhost", "/payments/")
    assert "1,050" in owner.page.inner_text("main")
    owner.check("20-console-payments")
    owner.go("heron-weir.console.portico.localhost", "/invoices/?status=paid")
    assert "L-1" in owner.page.inner_text("main")


def _walk(owner: Visitor, client: Visitor) -> None:
    _sign_up(owner)
    _brand(owner)
    _import(owner)
    _invite_and_send(owner)
    _come_in(client)
    _pay(client)
    _both_see_it_paid(owner, client)


def test_from_sign_up_to_receipt(served: World, visitor: NewVisitor, settings: Any) -> None:
    client = visitor(width=390)
    _walk(visitor(), client)
    with client.page.expect_download() as download:
        client.go("heron-weir.portico.localhost", "/invoices/?status=paid")
        client.page.locator("main a", has_text="L-1").first.click()
        client.page.get_by_role("link", name=re.compile("PDF|Download")).first.click()
    with open(download.value.path(), "rb") as file:
        assert file.read(5) == b"%PDF-"


def test_the_same_job_without_javascript(served: World, visitor: NewVisitor) -> None:
    _walk_without_script(visitor(javascript=False), visitor(width=390, javascript=False))


def _walk_without_script(owner: Visitor, client: Visitor) -> None:
    """As above; accessibility checks need scripts, so pages are only walked."""
    for person in (owner, client):
        person.check = lambda name: None  # type: ignore[method-assign]
    _sign_up(owner)
    _brand(owner)
    _import(owner)
    _invite_and_send(owner)
    _come_in(client)
    _pay(client)
    _both_see_it_paid(owner, client)
    assert owner.errors + client.errors == []
