"""What happens to credit notes that others are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from infra.events.event import Event


@dataclass(frozen=True, slots=True)
class CreditNoteIssued(Event):
    """A part or all of an invoice was credited.

    ``client_knows_invoice``: it had been sent or shared by then.
    """

    name: ClassVar[str] = "credit_note.issued"
    credit_note: UUID
    client_knows_invoice: bool


@dataclass(frozen=True, slots=True)
class CreditNoteMailDue(Event):
    """One contact is to be mailed a credit note; each has a delivery of their own."""

    name: ClassVar[str] = "credit_note.mail_due"
    credit_note: UUID
    contact: UUID
