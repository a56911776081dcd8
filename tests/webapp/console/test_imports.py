"""A file is looked at, mended, mapped, and only then written."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from billing.exchange.background import MOST_ATTEMPTS, work_on
from billing.exchange.models import ImportRun
from billing.invoices.models import Invoice
from tenants.people.models import Client
from tests.billing.formats import ledes98bi_text
from tests.webapp.console.pages import bad_ledes, good_ledes, upload, words
from tests.world import World

pytestmark = pytest.mark.django_db
CSV = (
    "Facture;Date;Klant;Dossier;Omschrijving;Bedrag;BTW\n"
    "A-1;03/04/2026;K100;D1;Conclusies;1.234;21\n"
    "A-2;05/04/2026;K101;D2;Pleidooi;250,50;21\n"
)


def _hand_in(browser: Any, text: str, name: str = "bills.txt") -> Any:
    answer = browser.post("/imports/", {"file": upload(text, name), "format": ""})
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def test_a_good_file_goes_in_to_the_cent(world: World) -> None:
    browser = world.alpha.browser("billing")
    run = _hand_in(browser, good_ledes())
    page = words(browser.get(run))
    assert "2 invoices are ready to be imported" in page
    assert "€2,934" in page
    with world.alpha.inside():
        assert not Invoice.objects.filter(number="96542").exists()
        assert not Client.objects.filter(code="00711").exists()
    assert browser.post(f"{run}run/").status_code == 302
    assert "2 invoices were imported" in words(browser.get(run))
    with world.alpha.inside():
        sums = dict(
            Invoice.objects.filter(number__startswith="9654").values_list("number", "total")
        )
    assert sums == {"96542": Decimal("1684.45"), "96543": Decimal("1250.00")}


def test_ledes_98bi_is_found_out_from_the_file(world: World) -> None:
    browser = world.alpha.browser("billing")
    page = words(browser.get(_hand_in(browser, ledes98bi_text.good().decode())))
    assert "LEDES 98BI V2" in page
    assert "2 invoices are ready to be imported" in page
    page = words(browser.get(_hand_in(browser, ledes98bi_text.bad().decode())))
    assert "4 things have to be mended first. Nothing was written." in page
    for rule in ("line_tax_total", "line_total", "invoice_total", "invoice_net_total"):
        assert f"<code>ledes1998bi.{rule}</code>" in page


def test_the_same_file_again_changes_nothing(world: World) -> None:
    browser = world.alpha.browser("billing")
    run = _hand_in(browser, good_ledes())
    browser.post(f"{run}run/")
    with world.alpha.inside():
        before = Invoice.objects.count()
    browser.post(f"{run}run/")
    again = _hand_in(browser, good_ledes())
    page = words(browser.get(again))
    assert "Everything in this file is here already" in page
    assert "Import 2 invoices" not in page
    browser.post(f"{again}run/")
    with world.alpha.inside():
        assert Invoice.objects.count() == before


def test_a_refused_file_names_line_rules_and_values(world: World) -> None:
    browser = world.alpha.browser("owner")
    run = _hand_in(browser, bad_ledes())
    page = words(browser.get(run))
    assert "2 things have to be mended first. Nothing was written." in page
    assert "ledes1998b.invoice_of_one_client" in page
    assert "ledes1998b.line_number_unique" in page
    assert page.count(">9</th>") == 2
    assert browser.post(f"{run}run/").status_code == 409
    with world.alpha.inside():
        assert not Invoice.objects.filter(number__startswith="9654").exists()
        assert not Client.objects.filter(code="00711").exists()


def test_columns_and_notation_are_chosen(world: World) -> None:
    browser = world.alpha.browser("owner")
    run = _hand_in(browser, CSV, "factures.csv")
    assert "No column is chosen" in words(browser.get(run))
    page = words(browser.get(f"{run}mapping/"))
    assert '<option value="Facture" selected>' in page
    chosen = {
        "invoice_number": "Facture",
        "invoice_date": "Date",
        "client_code": "Klant",
        "matter_code": "Dossier",
        "description": "Omschrijving",
        "amount": "Bedrag",
        "vat_rate": "BTW",
        "date_order": "dmy",
        "decimal_mark": ",",
        "delimiter": ";",
    }
    again = browser.post(f"{run}mapping/", chosen)
    assert again.status_code == 302
    assert again["Location"] != run
    browser.post(f"{again['Location']}run/")
    with world.alpha.inside():
        bill = Invoice.objects.get(number="A-1")
    assert bill.net_total == Decimal("1234.00")
    assert bill.issue_date.isoformat() == "2026-04-03"


def test_a_needed_column_must_be_chosen(world: World) -> None:
    browser = world.alpha.browser("owner")
    run = _hand_in(browser, CSV, "factures.csv")
    assert browser.post(f"{run}mapping/", {"invoice_number": "Facture"}).status_code == 422
    with world.alpha.inside():
        assert ImportRun.objects.count() == 1


def test_a_ledes_file_has_no_columns_to_choose(world: World) -> None:
    browser = world.alpha.browser("owner")
    run = _hand_in(browser, good_ledes())
    assert browser.get(f"{run}mapping/").status_code == 404


def test_an_empty_form_is_refused(world: World) -> None:
    assert world.alpha.browser("owner").post("/imports/", {}).status_code == 422


def test_an_empty_file_is_refused_with_words(world: World) -> None:
    browser = world.alpha.browser("owner")
    run = _hand_in(browser, "")
    assert "cannot be imported yet" in words(browser.get(run))


@pytest.mark.parametrize("person", ["attorney", "assistant"])
def test_only_those_who_bill_may(world: World, person: str) -> None:
    browser = world.alpha.browser(person)
    assert browser.get("/imports/").status_code == 403
    assert browser.post("/imports/", {"file": upload(good_ledes())}).status_code == 403
    with world.alpha.inside():
        assert not ImportRun.objects.exists()


def test_another_firms_import_is_not_found(world: World) -> None:
    run = _hand_in(world.alpha.browser("owner"), good_ledes())
    other = world.beta.browser("owner")
    assert other.get(run).status_code == 404
    assert other.post(f"{run}run/").status_code == 404
    with world.beta.inside():
        assert not Invoice.objects.filter(number="96542").exists()


@pytest.fixture
def no_size_is_small(settings: Any) -> None:
    settings.IMPORT_REQUEST_BYTES = 100


@pytest.mark.usefixtures("no_size_is_small")
def test_a_large_file_shows_how_far_it_is_until_it_is_done(world: World) -> None:
    browser = world.alpha.browser("billing")
    address = _hand_in(browser, good_ledes())
    answer = browser.get(address)
    page = answer.content.decode()
    assert "Your file is being read" in page
    assert f'hx-get="{address}"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "run/" not in page
    assert browser.get(f"{address}mapping/").status_code == 404
    with world.alpha.inside():
        ImportRun.objects.update(progress=40)
    part = browser.get(address, headers={"HX-Request": "true"})
    assert "40% read" in words(part)
    assert "<main" not in part.content.decode()
    with world.alpha.inside():
        work_on()
    assert browser.get(address, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "2 invoices are ready to be imported" in words(browser.get(address))
    assert browser.post(f"{address}run/")["Location"] == address
    assert "Your bills are being imported" in words(browser.get(address))
    assert "Being imported" in words(browser.get("/imports/"))
    with world.alpha.inside():
        work_on()
    assert "2 invoices were imported" in words(browser.get(address))


@pytest.mark.usefixtures("no_size_is_small")
def test_a_second_large_file_is_refused_while_the_first_is_read(world: World) -> None:
    browser = world.alpha.browser("billing")
    _hand_in(browser, good_ledes())
    answer = browser.post("/imports/", {"file": upload(bad_ledes()), "format": ""})
    assert answer.status_code == 409
    assert "Another import of your firm is being worked on" in words(answer)
    with world.alpha.inside():
        assert ImportRun.objects.count() == 1


@pytest.mark.usefixtures("no_size_is_small")
def test_an_import_that_was_broken_off_says_what_to_do(world: World) -> None:
    browser = world.alpha.browser("billing")
    address = _hand_in(browser, good_ledes())
    with world.alpha.inside():
        ImportRun.objects.update(attempts=MOST_ATTEMPTS)
        work_on()
    page = words(browser.get(address))
    assert "This import did not work" in page
    assert "The work was broken off and nothing was written. Hand the file in again" in page
    assert browser.post(f"{address}run/").status_code == 409
    assert "Failed" in words(browser.get("/imports/"))
