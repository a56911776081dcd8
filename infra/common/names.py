"""Names of people and firms, which stand in mails to strangers."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from linkify_it import LinkifyIt
from linkify_it.tlds import TLDS

from infra.common.errors import Invalid


class LinkInName(Invalid):
    """A name holds what a mail client turns into a link, so that our mail would carry it."""

    message = _(
        "A name cannot hold a web or e-mail address. If it only looks like one, put a space after the dot."
    )


# What is taken for an address whatever follows it.
_ALWAYS = re.compile(r"://|@|\bwww\.|\bhttps?:|\d\.\d+\.\d+\.\d", re.IGNORECASE)


# Persian and Indian names are written with them.
_JOINERS = "\u200c\u200d"


@cache
def _links() -> LinkifyIt:
    return LinkifyIt().tlds(TLDS)


def holds_link(text: str) -> bool:
    """Whether a mail client would make a link of some part of ``text``."""
    # Full-width letters and dots are ordinary ones to whoever opens the link.
    plain = unicodedata.normalize("NFKC", text).replace("\u3002", ".")
    if any(unicodedata.category(sign) == "Cf" and sign not in _JOINERS for sign in plain):
        return True  # signs that are not seen
    # What stands around an address does not hide it.
    bare = "".join(sign if sign.isalnum() or sign in ".-/:" else " " for sign in plain)
    return bool(_ALWAYS.search(plain)) or any(
        _links().test(part) or _ends_like_a_foreign_domain(part)
        for part in (word.rstrip("-") for word in bare.split())
    )


def _ends_like_a_foreign_domain(word: str) -> bool:
    """``evil.рф``: the last label has no Latin letter; the library knows Latin ones only."""
    _rest, dot, label = word.split("/")[0].rpartition(".")
    return bool(dot) and len(label) > 1 and not any(sign.isascii() for sign in label)


def require_plain_names(**names: str) -> None:
    """Raises ``LinkInName`` with each of the named fields that holds a link."""
    wrong = [field for field, name in names.items() if holds_link(name)]
    if wrong:
        raise LinkInName(fields={field: [str(LinkInName.message)] for field in wrong})


def validate_plain_name(name: str) -> None:
    """The same as a validator of a model's field."""
    if holds_link(name):
        raise ValidationError(LinkInName.message, code="link_in_name")
