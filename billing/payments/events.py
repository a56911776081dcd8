"""What happens to payments that others are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from infra.events.event import Event


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(Event):
    """The money of a payment arrived."""

    name: ClassVar[str] = "payment.succeeded"
    payment: UUID


@dataclass(frozen=True, slots=True)
class PaymentFailed(Event):
    """A payment that the payer's bank was processing did not arrive."""

    name: ClassVar[str] = "payment.failed"
    payment: UUID


@dataclass(frozen=True, slots=True)
class PaymentReportDue(Event):
    """One of the firm's people is to be told of money that arrived; each has a delivery."""

    name: ClassVar[str] = "payment.report_due"
    payment: UUID
    person: UUID
