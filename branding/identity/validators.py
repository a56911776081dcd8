"""What bank details must look like."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import bic, iban
from stdnum.exceptions import ValidationError as NotValid


def validate_iban(value: str) -> None:
    """Length and check digits (ISO 13616, mod 97-10); the account itself is not looked up."""
    try:
        iban.validate(value, check_country=False)
    except NotValid as error:
        raise ValidationError(
            _(
                "This is not an IBAN: its check digits do not fit. Please compare it with your bank's paper."
            )
        ) from error


def validate_bic(value: str) -> None:
    """Eight or eleven characters (ISO 9362)."""
    try:
        bic.validate(value)
    except NotValid as error:
        raise ValidationError(
            _("This is not a BIC. It has 8 or 11 letters and digits, for example GEBABEBB.")
        ) from error


def compact(value: str) -> str:
    """Bank details as they are stored: no spaces, capitals."""
    return "".join(value.split()).upper()
