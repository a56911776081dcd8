"""Forms of imports: the file, and what its columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.exchange.models import ImportRun
from billing.exchange.services import NOTATION
from billing.formats.csv_bills import FIELDS, guess_mapping


class FileForm(forms.Form):
    """The file to look at."""

    file = forms.FileField(
        label=_("File with bills"),
        help_text=_(
            "LEDES 1998B, LEDES 98BI V2, or a spreadsheet saved as CSV. Nothing is written before you have seen what is in it."
        ),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".txt,.csv,.ledes,.tsv,text/plain,text/csv"}),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        choices=[("", _("Find out from the file")), *ImportRun.Format.choices],
    )


class MappingForm(forms.Form):
    """Which column of the file is which of our fields, and how it writes dates and numbers."""

    date_order = forms.ChoiceField(
        label=_("Dates are written"),
        required=False,
        choices=[
            ("", _("Find out from the file")),
            ("dmy", _("Day first: 31/12/2026")),
            ("mdy", _("Month first: 12/31/2026")),
        ],
    )
    decimal_mark = forms.ChoiceField(
        label=_("Numbers are written"),
        required=False,
        choices=[
            ("", _("Find out from the file")),
            (",", _("With a comma: 1.234,50")),
            (".", _("With a point: 1,234.50")),
        ],
    )
    delimiter = forms.ChoiceField(
        label=_("Columns are parted by"),
        required=False,
        choices=[
            ("", _("Find out from the file")),
            (";", _("Semicolon")),
            (",", _("Comma")),
            ("\t", _("Tab")),
            ("|", pgettext_lazy("separator", "Bar")),
        ],
    )

    def __init__(
        self, *args: Any, columns: Sequence[str], chosen: dict[str, str], **kwargs: Any
    ) -> None:
        guessed = guess_mapping(columns)
        has_columns = any(name not in NOTATION for name in chosen)
        start = {
            **({} if has_columns else guessed),
            **{
                name: value
                for name, value in chosen.items()
                if name in NOTATION or value in columns
            },
        }
        super().__init__(*args, **{**kwargs, "initial": start})
        choices = [("", _("Not in the file")), *((column, column) for column in columns if column)]
        for field in FIELDS:
            self.fields[f"{field.name}"] = forms.ChoiceField(
                label=str(field.label), required=field.required, choices=choices
            )

    @property
    def needed(self) -> list[Any]:
        """Fields without which there is no bill."""
        return [self[field.name] for field in FIELDS if field.required]

    @property
    def possible(self) -> list[Any]:
        """Fields that help."""
        return [self[field.name] for field in FIELDS if not field.required]

    def mapping(self) -> dict[str, str]:
        """What the service takes: our names to columns, and the notation."""
        return {name: value for name, value in self.cleaned_data.items() if value}
