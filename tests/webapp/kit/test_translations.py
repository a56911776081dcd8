"""What people who read French, Dutch or German see, and that the catalogues hold together."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import override

from billing.invoices.mails import send_invoice
from billing.invoices.pdf import invoice_html
from billing.payments.mails import send_receipt
from billing.payments.models import Payment
from infra.rendering.tags.money import percent
from tenants.people.models import Contact, User
from tests.webapp.portal.conftest import write_payment
from tests.world import FirmWorld, World

LANGUAGES = ("fr", "nl", "de")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^<>]*>")
# Shorter messages may be names or words that two languages share.
SENTENCE = 4
ENGLISH = (
    "What needs you",
    "waits for payment",
    "What is open",
    "You owe",
    "Good morning",
    "Pay now",
    "Download PDF",
    "Sign in",
    "Sign out",
    "Password",
    "Overdue",
    "Due date",
    "By bank transfer",
    "Payments</h1>",
    "Need a hand?",
)
WORDS = {
    "fr": {
        "/": ("Ce qui vous attend", "attend votre paiement", "Factures", "Se déconnecter"),
        "/invoices/": ("Il vous reste", "à payer", "Statut"),
        "invoice": ("Facture 2026-0001", "Prestations", "TVA", "Télécharger le PDF", "Payer"),
        "/payments/": ("Paiements", "Reçu", "arte se terminant par 4242"),
        "/profile/": ("Votre profil", "Vos coordonnées", "Mot de passe"),
    },
    "nl": {
        "/": ("Wat op u wacht", "wacht op betaling", "Facturen", "Afmelden"),
        "/invoices/": ("te betalen", "Openstaand", "Status"),
        "invoice": ("Factuur 2026-0001", "Prestaties", "Btw", "Pdf downloaden", "betalen"),
        "/payments/": ("Betalingen", "Ontvangstbewijs", "aart eindigend op 4242"),
        "/profile/": ("Uw profiel", "Uw gegevens", "Wachtwoord"),
    },
    "de": {
        "/": ("Was auf Sie wartet", "wartet auf Zahlung", "Rechnungen", "Abmelden"),
        "/invoices/": ("Noch zu zahlen", "Offen", "Status"),
        "invoice": ("Rechnung 2026-0001", "Zeitaufwand", "MwSt.", "PDF herunterladen", "bezahlen"),
        "/payments/": ("Zahlungen", "Beleg", "Karte, endet auf 4242"),
        "/profile/": ("Ihr Profil", "Ihre Angaben", "Passwort"),
    },
}
DOOR = {
    "fr": ("Adresse e-mail", "Mot de passe"),
    "nl": ("E-mailadres", "Wachtwoord"),
    "de": ("E-Mail-Adresse", "Passwort"),
}
CONSOLE = (
    "/",
    "/search/?q=zzz",
    "/clients/",
    "/clients/new/",
    "/invoices/",
    "/invoices/new/",
    "/payments/",
    "/imports/",
    "/look/",
    "/look/preview/",
    "/settings/",
    "/settings/identity/",
    "/settings/people/",
    "/settings/payments/",
    "/settings/tokens/",
    "/profile/",
)


def source(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", "django.po")


@cache
def catalogue(language: str) -> Catalog:
    with source(language).open("rb") as file:
        return read_po(file, locale=language)


@cache
def english_sentences(language: str) -> tuple[str, ...]:
    """Messages without placeholders, long enough that no other language says the same."""
    return tuple(
        message.id
        for message in catalogue(language)
        if isinstance(message.id, str)
        and len(message.id.split()) >= SENTENCE
        and not PLACEHOLDER.search(message.id)
        and message.id != message.string
    )


def left_in_english(text: str, language: str) -> list[str]:
    sentences = [*english_sentences(language), *ENGLISH]
    return [sentence for sentence in sentences if sentence in text]


def plain(page: Any) -> str:
    """The page with one kind of space, so that a word can be looked for."""
    return unescape(page.content.decode()).replace("\u00a0", " ").replace("\u202f", " ")


def reads(firm: FirmWorld, person: str, language: str) -> None:
    with firm.inside():
        User.objects.filter(pk=firm.people[person].pk).update(language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_portal_speaks_the_clients_language(world: World, language: str) -> None:
    firm = world.alpha
    write_payment(firm, "succeeded")
    reads(firm, "ada", language)
    with firm.inside():
        bill = f"/invoices/{firm.invoice().pk}/"
    browser = firm.browser("ada")
    for address, words in WORDS[language].items():
        page = browser.get(bill if address == "invoice" else address)
        text = plain(page)
        assert page.status_code == 200, address
        assert f'lang="{language}' in text
        assert [word for word in words if word not in text] == [], address
        assert left_in_english(text, language) == [], address


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_door_speaks_the_language_that_was_asked_for(world: World, language: str) -> None:
    browser = world.alpha.browser(surface="portal")
    for address in ("/sign-in/", "/password/forgotten/"):
        page = browser.get(address, {"lang": language})
        text = plain(page)
        assert page.status_code == 200, address
        assert left_in_english(text, language) == []
    text = plain(browser.get("/sign-in/", {"lang": language}))
    assert all(word in text for word in DOOR[language])
    missing = browser.get("/nothing-here/", {"lang": language})
    assert missing.status_code == 404
    assert left_in_english(plain(missing), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_console_speaks_the_persons_language(world: World, language: str) -> None:
    reads(world.alpha, "owner", language)
    browser = world.alpha.browser("owner")
    for address in CONSOLE:
        page = browser.get(address)
        assert page.status_code == 200, address
        assert left_in_english(plain(page), language) == [], address


@pytest.mark.parametrize(
    ("language", "bill", "receipt"),
    [
        ("fr", "Facture 2026-0001 de ", "Reçu 2026-0001"),
        ("nl", "Factuur 2026-0001 van ", "Ontvangstbewijs 2026-0001"),
        ("de", "Rechnung 2026-0001 von ", "Beleg 2026-0001"),
    ],
)
def test_mails_have_subjects_and_words_in_the_persons_language(
    world: World,
    mailoutbox: list[Any],
    language: str,
    bill: str,
    receipt: str,
) -> None:
    firm = world.alpha
    payment = write_payment(firm, "succeeded")
    reads(firm, "ada", language)
    with firm.inside():
        contact = Contact.objects.select_related("client", "user").get(user=firm.people["ada"])
        send_invoice(firm.invoice(), contact, message_id="<one@alpha.test>")
        send_receipt(Payment.objects.get(pk=payment.pk), message_id="<two@alpha.test>")
    subjects = [message.subject for message in mailoutbox]
    assert subjects[0].startswith(bill)
    assert subjects[1].startswith(receipt)
    for message in mailoutbox:
        assert left_in_english(str(message.body), language) == []


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "5.5%"), ("fr", "5,5\u00a0%"), ("nl", "5,5%"), ("de", "5,5\u00a0%")],
)
def test_a_rate_is_written_as_the_reader_writes_it(language: str, written: str) -> None:
    with override(language):
        assert percent("5.50") == written


@pytest.mark.parametrize("language", LANGUAGES)
def test_papers_are_in_the_clients_language(world: World, language: str) -> None:
    with world.alpha.inside() as firm, override(language):
        text = unescape(invoice_html(firm.invoice()))
    assert str(catalogue(language).get("Invoice %(number)s").string).split()[0] in text
    assert left_in_english(text, language) == []


def test_every_catalogue_is_complete_and_well_formed() -> None:
    call_command("check_translations")
    assert [language for language in LANGUAGES if not source(language).exists()] == []


def test_all_catalogues_hold_the_same_messages() -> None:
    held = [{(each.context, each.id) for each in catalogue(language)} for language in LANGUAGES]
    assert all(each == held[0] for each in held)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_keeps_its_placeholders(language: str) -> None:
    broken = []
    for message in catalogue(language):
        if not message.id:
            continue
        one, many = message.id if isinstance(message.id, tuple) else (message.id, message.id)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        allowed = [sorted(PLACEHOLDER.findall(words)) for words in (one, many)]
        # Only a form that French uses for none as well must name the number.
        broken += [
            (message.id, form) for form in forms if sorted(PLACEHOLDER.findall(form)) not in allowed
        ]
    assert broken == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_catalogue_names_a_place_or_a_person(language: str) -> None:
    text = source(language).read_text()
    for header in ("#: ", "POT-Creation-Date", "Last-Translator", "Report-Msgid-Bugs-To"):
        assert header not in text
