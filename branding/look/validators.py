"""What a look may hold."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

MOST_LINKS, LONGEST_LABEL, LONGEST_ADDRESS, LONGEST_TEXT = 8, 60, 300, 600

validate_colour = RegexValidator(
    r"\A#[0-9a-fA-F]{6}\Z",
    _("Please give colours as # and six digits, for example #1f3a5f."),
)


def validate_texts(value: object) -> None:
    """Texts by language code, of languages that the product speaks."""
    known = dict(settings.LANGUAGES)
    if not isinstance(value, dict) or not all(
        code in known and isinstance(text, str) and len(text) <= LONGEST_TEXT
        for code, text in value.items()
    ):
        raise ValidationError(_("Please give a text of at most 600 characters for each language."))


def validate_links(value: object) -> None:
    """Footer links: words and a web address (http or https) each."""
    if not isinstance(value, list) or len(value) > MOST_LINKS:
        raise ValidationError(_("Please give at most 8 links."))
    for link in value:
        if not isinstance(link, dict) or set(link) != {"label", "url"}:
            raise ValidationError(_("Please give each link words and an address."))
        label, url = link["label"], link["url"]
        if not isinstance(label, str) or not label.strip() or len(label) > LONGEST_LABEL:
            raise ValidationError(_("Please give the link words."))
        if not isinstance(url, str) or len(url) > LONGEST_ADDRESS or not _is_web_address(url):
            raise ValidationError(_("Please give a web address."))


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable()
