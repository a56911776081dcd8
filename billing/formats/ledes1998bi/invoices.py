"""What the rows of one LEDES 98BI invoice must agree on: LEDES 1998B's, currency and tax."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.formats.ledes1998b.columns import INVOICE_TOTAL, Layout
from billing.formats.ledes1998b.fields import Fields
from billing.formats.ledes1998b.invoices import (
    FIRST_ROW_COUNTS,
    Invoice,
    Invoices,
    InvoiceState,
    Stated,
)
from billing.formats.ledes1998b.invoices import INDICES as FIRST_INDICES
from billing.formats.ledes1998bi import columns as col
from billing.formats.ledes1998bi.parties import client_of
from infra.common.money import is_currency

#: May differ from row to row; the first row counts.
_PARTICULARS: Final = (
    col.PO_NUMBER,
    col.CLIENT_TAX_ID,
    col.MATTER_NAME,
    *range(col.LAW_FIRM_NAME, col.CLIENT_COUNTRY + 1),
    col.REPORTED_TAX_TOTAL,
    col.TAX_CURRENCY,
)


class TaxedInvoices(Invoices):
    """All invoice numbers of a file, each with its currency and what it states of tax."""

    layout: ClassVar[Layout] = col.LEDES_1998BI
    indices: ClassVar[tuple[int, ...]] = (
        *FIRST_INDICES,
        *_PARTICULARS,
        col.INVOICE_TAX_TOTAL,
        col.INVOICE_NET_TOTAL,
        col.INVOICE_CURRENCY,
    )
    first_row_counts: ClassVar[tuple[int, ...]] = (*FIRST_ROW_COUNTS, *_PARTICULARS)

    def read(self, fields: Fields) -> tuple[Invoice | None, tuple[Stated, ...]]:
        """The header of LEDES 1998B with currency, client, net total and tax total."""
        texts = fields.texts
        invoice, stated = super().read(fields)
        tax, net = fields.amount(col.INVOICE_TAX_TOTAL), fields.amount(col.INVOICE_NET_TOTAL)
        reported = fields.decimal(col.REPORTED_TAX_TOTAL)
        for index in (col.INVOICE_CURRENCY, col.TAX_CURRENCY):
            self._check_currency(fields, index)
        currency = texts[col.INVOICE_CURRENCY]
        if tax is not None and reported is not None and reported != tax:
            self._warn_of_reported_tax(fields)
        stated += (
            Stated(col.INVOICE_TAX_TOTAL, tax if texts[col.INVOICE_TAX_TOTAL] else ""),
            Stated(col.INVOICE_NET_TOTAL, net),
            Stated(col.INVOICE_CURRENCY, currency or None),
        )
        if fields.failed or invoice is None or net is None:
            return None, stated
        invoice = replace(
            invoice,
            client=client_of(texts),
            matter=replace(invoice.matter, title=texts[col.MATTER_NAME]),
            currency=currency,
            net_total=net,
            tax_total=invoice.net_total - net if tax is None else tax,
        )
        return invoice, stated

    @staticmethod
    def _check_currency(fields: Fields, index: int) -> None:
        code = fields.texts[index]
        if code and not is_currency(code):
            fields.refuse(
                index,
                "currency",
                format_lazy(
                    _("{field} is not a currency code such as EUR."), field=fields.name(index)
                ),
                expected="ISO 4217",
                found=code,
            )

    @staticmethod
    def _warn_of_reported_tax(fields: Fields) -> None:
        """In one currency the reported tax is the tax; the bill does not carry it on."""
        texts = fields.texts
        if texts[col.TAX_CURRENCY] in ("", texts[col.INVOICE_CURRENCY]):
            fields.warn(
                col.REPORTED_TAX_TOTAL,
                "reported_tax_total",
                _(
                    "INVOICE_REPORTED_TAX_TOTAL differs from INVOICE_TAX_TOTAL in the same currency."
                    " It is not used."
                ),
                expected=texts[col.INVOICE_TAX_TOTAL],
                found=texts[col.REPORTED_TAX_TOTAL],
            )

    def check_sums(self, number: str, state: InvoiceState) -> None:
        """Total and tax are the sums of the lines; net total = total − tax, as the header has them."""
        super().check_sums(number, state)
        total, tax, net = (stated.value for stated in state.stated[:3])
        if tax == "" and state.sum_is_known:
            tax = state.tax_sum
        elif isinstance(tax, Decimal) and state.sum_is_known and tax != state.tax_sum:
            self.refuse_sum(
                state,
                col.INVOICE_TAX_TOTAL,
                format_lazy(
                    _(
                        "INVOICE_TAX_TOTAL of invoice {number} is {found}, but the taxes of its lines"
                        " add up to {expected}."
                    ),
                    number=number,
                    found=tax,
                    expected=state.tax_sum,
                ),
                expected=state.tax_sum,
            )
        if not (
            isinstance(total, Decimal) and isinstance(tax, Decimal) and isinstance(net, Decimal)
        ):
            return
        if net != total - tax:
            self.refuse_sum(
                state,
                col.INVOICE_NET_TOTAL,
                format_lazy(
                    _(
                        "INVOICE_NET_TOTAL of invoice {number} is {found}, but {total} less {tax} tax"
                        " is {expected}."
                    ),
                    number=number,
                    found=net,
                    total=state.texts[INVOICE_TOTAL],
                    tax=tax,
                    expected=total - tax,
                ),
                expected=total - tax,
            )
