"""What a column of a spreadsheet of bills can mean, and the names such columns commonly bear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.formats.bills import LineKind


@dataclass(frozen=True, slots=True)
class CsvField:
    """One of our fields. ``length`` in characters; ``names`` are column names seen in the wild."""

    name: str
    label: str | Promise
    length: int
    required: bool
    names: str


#: Amount, or quantity and unit price, must be mapped as well.
FIELDS: Final = (
    CsvField("invoice_number", _("Invoice number"), 50, True,
             "invoice number|invoice no|invoice nr|invoice|invoice id|number|bill number|numero de facture"
             "|numero facture|no facture|n facture|facture|factuurnummer|factuur nr|factuurnr|factuur"
             "|rechnungsnummer|rechnungs nr|rechnung nr|rechnungsnr|rechnung|re nr"),
    CsvField("invoice_date", _("Invoice date"), 30, True,
             "invoice date|issue date|date of invoice|billed on|issued on|bill date|date de facture"
             "|date facture|date de facturation|date d emission|factuurdatum|datum factuur|rechnungsdatum"),
    CsvField("due_date", _("Due date"), 30, False,
             "due date|due on|payment due|due|date d echeance|echeance|date echeance|vervaldatum"
             "|vervaldag|betaaldatum|falligkeitsdatum|fallig am|falligkeit|zahlbar bis"),
    CsvField("client_code", _("Client code"), 40, True,
             "client code|client id|client number|client no|customer id|customer number|client"
             "|code client|numero client|no client|n client|klantnummer|klantcode|klant nr|clientnummer|klant"
             "|mandantennummer|mandanten nr|mandant nr|kundennummer|kunden nr|mandant|debitor"),
    CsvField("client_name", _("Client name"), 160, False,
             "client name|customer name|customer|name of client|nom du client|nom client|klantnaam"
             "|naam klant|clientnaam|mandantenname|name des mandanten|kundenname"),
    CsvField("client_email", _("Client e-mail"), 254, False,
             "client email|client e mail|email|e mail|mail|customer email|courriel|e mail client|email client"
             "|adresse e mail|e mailadres|e mail klant|email klant|mailadres|e mail adresse|mailadresse"),
    CsvField("matter_code", _("Matter code"), 40, True,
             "matter code|matter id|matter number|matter no|matter|case number|file number|file no"
             "|code dossier|n dossier|numero de dossier|numero dossier|no dossier|reference dossier|dossier"
             "|dossiernummer|dossier nr|zaaknummer|zaak|aktenzeichen|akte|aktennummer|akten nr"
             "|mandatsnummer"),
    CsvField("matter_title", _("Matter title"), 255, False,
             "matter title|matter name|matter description|case name|intitule du dossier|nom du dossier"
             "|libelle dossier|dossiernaam|naam dossier|zaaknaam|aktenbezeichnung|mandat|bezeichnung akte"),
    CsvField("client_reference", _("Client's own reference"), 40, False,
             "client reference|client matter id|your reference|po number|votre reference|reference client"
             "|uw referentie|referentie klant|ihr zeichen|kundenreferenz"),
    CsvField("currency", _("Currency"), 3, False,
             "currency|currency code|devise|monnaie|munt|valuta|wahrung"),
    CsvField("invoice_description", _("Invoice description"), 15360, False,
             "invoice description|invoice subject|subject|objet|objet facture|omschrijving factuur"
             "|onderwerp|betreff"),
    CsvField("invoice_total", _("Invoice total without VAT"), 40, False,
             "invoice total|total invoice|total facture|total ht facture|factuurtotaal|totaal factuur"
             "|rechnungssumme|rechnungsbetrag"),
    CsvField("kind", _("Kind of line"), 40, False,
             "kind|type|line type|item type|entry type|type de ligne|nature|soort|regeltype|art"
             "|positionsart|typ"),
    CsvField("date", _("Date of the line"), 30, False,
             "date|line date|entry date|work date|date of work|service date|date prestation"
             "|date de prestation|date ligne|datum|prestatiedatum|datum prestatie|leistungsdatum"
             "|datum leistung"),
    CsvField("timekeeper_code", _("Timekeeper code"), 20, False,
             "timekeeper id|timekeeper code|timekeeper|initials|user id|collaborateur|code avocat|initiales"
             "|medewerker code|medewerkercode|initialen|sachbearbeiter kurzel|kurzel"),
    CsvField("timekeeper_name", _("Timekeeper name"), 120, False,
             "timekeeper name|attorney|lawyer|fee earner|worked by|avocat|nom de l avocat|advocaat"
             "|medewerker|naam medewerker|anwalt|rechtsanwalt|sachbearbeiter|bearbeiter"),
    CsvField("quantity", _("Quantity (hours for time)"), 40, False,
             "quantity|qty|hours|units|time|quantite|qte|heures|unites|aantal|uren|hoeveelheid|menge"
             "|anzahl|stunden"),
    CsvField("unit_price", _("Unit price"), 40, False,
             "unit price|rate|hourly rate|price|unit cost|prix unitaire|taux horaire|tarif|tarif horaire"
             "|eenheidsprijs|uurtarief|tarief|prijs|einzelpreis|stundensatz|preis|satz"),
    CsvField("amount", _("Amount without VAT"), 40, False,
             "amount|line total|total|net amount|amount excl vat|line amount|montant|montant ht|total ht"
             "|montant hors tva|bedrag|bedrag excl btw|totaal|nettobedrag|betrag|netto|nettobetrag|summe"),
    CsvField("vat_rate", _("VAT rate"), 20, False,
             "vat|vat rate|vat percent|tax rate|tax|tva|taux tva|taux de tva|btw|btw tarief|btw percentage"
             "|mwst|mwst satz|ust|ust satz|steuersatz"),
    CsvField("description", _("Description"), 15360, True,
             "description|narrative|details|text|line description|libelle|designation|detail"
             "|omschrijving|beschrijving|beschreibung|bezeichnung|leistung|tatigkeit"),
    CsvField("task_code", _("Task code (UTBMS)"), 20, False,
             "task code|task|utbms task|code tache|tache|taakcode|aufgabencode"),
    CsvField("activity_code", _("Activity code (UTBMS)"), 20, False,
             "activity code|activity|utbms activity|code activite|activite|activiteitscode|aktivitatscode"),
    CsvField("expense_code", _("Expense code (UTBMS)"), 20, False,
             "expense code|expense|utbms expense|code frais|code debours|kostencode|auslagencode"),
)  # fmt: skip

NAMES: Final = tuple(field.name for field in FIELDS)
_BY_COLUMN: Final[Mapping[str, str]] = {
    name: field.name
    for field in FIELDS
    for name in (*field.names.split("|"), field.name.replace("_", " "))
}

_KINDS: Final[Mapping[str, LineKind]] = {
    word: kind
    for kind, words in {
        LineKind.TIME: "time|fee|fees|f|hours|hour|labour|honoraire|honoraires|temps|prestation|prestations"
        "|heures|honorarium|ereloon|erelonen|tijd|uren|prestatie|honorar|zeit|stunden",
        LineKind.EXPENSE: "expense|expenses|e|cost|costs|frais|depense|depenses|kosten|onkosten|kost"
        "|spesen|aufwand",
        LineKind.FIXED_FEE: "fixed fee|fixed|flat fee|flat|retainer|if|forfait|honoraires forfaitaires"
        "|abonnement|vast bedrag|vaste prijs|pauschale|pauschal|festpreis",
        LineKind.DISCOUNT: "discount|reduction|rebate|courtesy discount|remise|rabais|ristourne|korting"
        "|rabatt|nachlass",
        LineKind.DISBURSEMENT: "disbursement|disbursements|debours|debourse|voorschot gerechtskosten"
        "|uitgaven derden|verschotten|voorgeschoten kosten|auslage|auslagen",
    }.items()
    for word in words.split("|")
}


def _plain(text: str) -> str:
    """Small letters without accents, words parted by one space."""
    bare = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c)
    )
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


def guess_mapping(headers: Sequence[str]) -> dict[str, str]:
    """Our field names to the file's columns, by common English, French, Dutch and German names.

    The first column that fits wins; a column is used once; what is unknown stays out.
    """
    mapping: dict[str, str] = {}
    for header in headers:
        name = _BY_COLUMN.get(_plain(header))
        if name is not None and name not in mapping:
            mapping[name] = header
    return mapping


def kind_of(text: str) -> LineKind | None:
    """The kind of line a word in one of the four languages means."""
    word = _plain(text)
    return _KINDS.get(word) or _KINDS.get(word.replace(" ", "_"))
