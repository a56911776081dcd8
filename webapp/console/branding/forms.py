"""The form of the firm's look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from branding.look.images import MAX_BYTES
from branding.look.models import Brand
from infra.common.field_bounds import bounds

COLOUR = RegexValidator(
    r"^#[0-9a-fA-F]{6}\Z", _("Please give a colour as # and six digits, for example #1f3a5f.")
)
LINKS = 3


class LookForm(forms.Form):
    """Name, colours, shape, typeface, logos, texts per language, links of the footer."""

    display_name = forms.CharField(
        label=_("Name that clients see"), required=False, **bounds(Brand, "display_name")
    )
    colour = forms.CharField(
        label=_("Colour of the firm"),
        max_length=7,
        validators=[COLOUR],
        help_text=_(
            "# and six digits. It stays exact on buttons; we adjust it where it would be hard to read."
        ),
    )
    accent = forms.CharField(
        label=_("Second colour, for links"), max_length=7, required=False, validators=[COLOUR]
    )
    corner = forms.ChoiceField(
        label=_("Corners"), choices=Brand.Corner.choices, widget=forms.RadioSelect
    )
    typeface = forms.ChoiceField(label=_("Typeface"), choices=Brand.Typeface.choices)
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG, WebP or SVG, at most 2 MB. Empty margins are cut off."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/svg+xml"}),
    )
    logo_dark = forms.FileField(
        label=_("Logo on dark ground"),
        required=False,
        help_text=_("Without it, the logo keeps a white ground in the dark."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp,image/svg+xml"}),
    )

    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    remove_logo_dark = forms.BooleanField(label=_("Remove the logo on dark ground"), required=False)

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = languages
        names = dict(settings.LANGUAGES)
        for code in languages:
            words = {"language": names.get(code, code)}
            self.fields[f"welcome_{code}"] = forms.CharField(
                label=_("Welcome line (%(language)s)") % words, max_length=300, required=False
            )
            self.fields[f"footer_{code}"] = forms.CharField(
                label=_("Footer (%(language)s)") % words,
                max_length=600,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        for number in range(1, LINKS + 1):
            self.fields[f"link_label_{number}"] = forms.CharField(
                label=_("Link %(number)s: words") % {"number": number},
                max_length=60,
                required=False,
            )
            self.fields[f"link_url_{number}"] = forms.URLField(
                label=_("Link %(number)s: address") % {"number": number},
                max_length=300,
                required=False,
                assume_scheme="https",
            )

    @property
    def texts(self) -> list[Any]:
        """Welcome and footer, language by language."""
        return [self[f"{part}_{code}"] for code in self.languages for part in ("welcome", "footer")]

    @property
    def links(self) -> list[tuple[Any, Any]]:
        """Words and address of each footer link."""
        return [
            (self[f"link_label_{number}"], self[f"link_url_{number}"])
            for number in range(1, LINKS + 1)
        ]

    def _image(self, name: str) -> Any:
        file = self.cleaned_data.get(name)
        if file and file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return file

    def clean_logo(self) -> Any:
        return self._image("logo")

    def clean_logo_dark(self) -> Any:
        return self._image("logo_dark")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(1, LINKS + 1):
            label, url = given.get(f"link_label_{number}"), given.get(f"link_url_{number}")
            if url and not label:
                self.add_error(f"link_label_{number}", _("Please give the link words."))
            if label and not url and f"link_url_{number}" not in self.errors:
                self.add_error(f"link_url_{number}", _("Please give the link an address."))
            if url and not url.startswith(("https://", "http://")):
                self.add_error(f"link_url_{number}", _("Please give a web address."))
        return given

    def changes(self) -> dict[str, Any]:
        """What the service takes, without the images."""
        given = self.cleaned_data
        plain = ("display_name", "colour", "accent", "corner", "typeface")
        return {
            **{name: given[name] for name in plain if name in given},
            "welcome": self._texts("welcome"),
            "footer": self._texts("footer"),
            "footer_links": [
                {"label": given[f"link_label_{n}"], "url": given[f"link_url_{n}"]}
                for n in range(1, LINKS + 1)
                if given.get(f"link_url_{n}")
            ],
        }

    def without(self) -> list[str]:
        """The images to take off, as the service names them."""
        return [name for name in ("logo", "logo_dark") if self.cleaned_data.get(f"remove_{name}")]

    def _texts(self, part: str) -> dict[str, str]:
        found = {code: self.cleaned_data.get(f"{part}_{code}", "") for code in self.languages}
        return {code: text for code, text in found.items() if text}

    @staticmethod
    def start(brand: Brand, languages: list[str]) -> dict[str, Any]:
        """What the form shows of a look."""
        plain = ("display_name", "colour", "accent", "corner", "typeface")
        values: dict[str, Any] = {name: getattr(brand, name) for name in plain}
        for code in languages:
            values[f"welcome_{code}"] = brand.welcome.get(code, "")
            values[f"footer_{code}"] = brand.footer.get(code, "")
        for number, link in enumerate(brand.footer_links[:LINKS], start=1):
            values[f"link_label_{number}"] = link["label"]
            values[f"link_url_{number}"] = link["url"]
        return values
