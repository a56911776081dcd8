"""What happens to invoices that others are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from infra.events.event import Event


@dataclass(frozen=True, slots=True)
class InvoiceSent(Event):
    """The firm sent an invoice to its client, for the first time or again."""

    name: ClassVar[str] = "invoice.sent"
    invoice: UUID


@dataclass(frozen=True, slots=True)
class InvoiceMailDue(Event):
    """One contact is to be mailed a sent invoice: each has a delivery of their own, so that an
    address that refuses mail costs nobody else theirs."""

    name: ClassVar[str] = "invoice.mail_due"
    invoice: UUID
    contact: UUID
