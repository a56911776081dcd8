"""What the payment provider still asks of a firm, in words that a partner understands."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# The first fragment that the provider's code contains decides; the narrower ones stand first.
WORDS: tuple[tuple[str, str | Promise], ...] = (
    ("terms_of_service", _("Agreement to the payment provider's terms")),
    ("tos_acceptance", _("Agreement to the payment provider's terms")),
    ("bank_account", _("A bank account to pay out to")),
    ("external_account", _("A bank account to pay out to")),
    ("default_outbound_destination", _("A bank account to pay out to")),
    ("proof_of_liveness", _("A photo of the person who represents the firm")),
    ("verification", _("A document that proves who you are")),
    ("document", _("A document that proves who you are")),
    ("registered_name", _("The registered name of the firm")),
    ("company.name", _("The registered name of the firm")),
    ("business_name", _("The registered name of the firm")),
    ("directorship", _("Confirmation of who directs the firm")),
    ("directors", _("Confirmation of who directs the firm")),
    ("ownership", _("Confirmation of who owns the firm")),
    ("owners", _("Confirmation of who owns the firm")),
    ("executives", _("Confirmation of who directs the firm")),
    ("date_of_birth", _("The date of birth of the person who represents the firm")),
    (".dob", _("The date of birth of the person who represents the firm")),
    ("tax_id", _("The firm's company or tax number")),
    ("id_number", _("The identity number of the person who represents the firm")),
    ("ssn", _("The identity number of the person who represents the firm")),
    ("representative", _("Details of the person who represents the firm")),
    ("person", _("Details of the person who represents the firm")),
    ("individual", _("Details of the person who represents the firm")),
    ("address", _("The address of the firm")),
    ("phone", _("A phone number of the firm")),
    ("statement_descriptor", _("The name that clients read on their bank statement")),
    ("business_profile.url", _("The firm's website")),
    ("business_url", _("The firm's website")),
    ("mcc", _("What the firm does")),
    ("product_description", _("What the firm does")),
    ("structure", _("The legal form of the firm")),
    ("business_type", _("The legal form of the firm")),
    ("annual_revenue", _("The yearly turnover of the firm")),
    ("estimated_worker_count", _("How many people work at the firm")),
    ("support", _("How clients reach the firm")),
    ("contact_email", _("An e-mail address of the firm")),
    ("email", _("An e-mail address of the firm")),
)
UNKNOWN = _("One more answer on the payment provider's page")


class Requirement(NamedTuple):
    """One open point: the sentence and the provider's own codes behind it."""

    words: str
    codes: str


def in_words(points: list[str]) -> list[Requirement]:
    """Open points in the provider's codes as sentences; points with the same sentence are one."""
    found: dict[str, list[str]] = {}
    for point in points:
        words = next((words for part, words in WORDS if part in point), UNKNOWN)
        found.setdefault(str(words), []).append(point)
    return [Requirement(words, ", ".join(codes)) for words, codes in found.items()]
