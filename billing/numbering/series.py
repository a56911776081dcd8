"""The number series of a firm."""

from collections.abc import Mapping
from enum import StrEnum


class Series(StrEnum):
    """A series by its code; a new one begins with the prefix of ``PREFIXES``."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    RECEIPT = "receipt"


PREFIXES: Mapping[str, str] = {
    Series.INVOICE: "{year}-",
    Series.CREDIT_NOTE: "CN-{year}-",
    Series.RECEIPT: "{year}-",
}
