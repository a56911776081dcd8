"""What the payment provider still asks of a firm, in words that a partner understands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.gateway.interface import Requirement, RequirementKind

SENTENCES: dict[RequirementKind, str | Promise] = {
    RequirementKind.TERMS: _("Agreement to the payment provider's terms"),
    RequirementKind.BANK_ACCOUNT: _("A bank account to pay out to"),
    RequirementKind.IDENTITY_PHOTO: _("A photo of the person who represents the firm"),
    RequirementKind.IDENTITY_DOCUMENT: _("A document that proves who you are"),
    RequirementKind.REGISTERED_NAME: _("The registered name of the firm"),
    RequirementKind.DIRECTORS: _("Confirmation of who directs the firm"),
    RequirementKind.OWNERS: _("Confirmation of who owns the firm"),
    RequirementKind.DATE_OF_BIRTH: _("The date of birth of the person who represents the firm"),
    RequirementKind.COMPANY_NUMBER: _("The firm's company or tax number"),
    RequirementKind.IDENTITY_NUMBER: _("The identity number of the person who represents the firm"),
    RequirementKind.REPRESENTATIVE: _("Details of the person who represents the firm"),
    RequirementKind.ADDRESS: _("The address of the firm"),
    RequirementKind.PHONE: _("A phone number of the firm"),
    RequirementKind.STATEMENT_NAME: _("The name that clients read on their bank statement"),
    RequirementKind.WEBSITE: _("The firm's website"),
    RequirementKind.ACTIVITY: _("What the firm does"),
    RequirementKind.LEGAL_FORM: _("The legal form of the firm"),
    RequirementKind.TURNOVER: _("The yearly turnover of the firm"),
    RequirementKind.WORKER_COUNT: _("How many people work at the firm"),
    RequirementKind.SUPPORT_CONTACT: _("How clients reach the firm"),
    RequirementKind.EMAIL: _("An e-mail address of the firm"),
    RequirementKind.OTHER: _("One more answer on the payment provider's page"),
}


class RequirementLine(NamedTuple):
    """One open point: the sentence, and the provider's own codes for a question to its support."""

    words: str
    codes: str


def in_words(points: Iterable[Requirement]) -> list[RequirementLine]:
    """Open points as sentences; points of the same kind are one."""
    found: dict[RequirementKind, list[str]] = {}
    for point in points:
        found.setdefault(point.kind, []).append(point.detail)
    return [
        RequirementLine(str(SENTENCES[kind]), ", ".join(codes)) for kind, codes in found.items()
    ]
