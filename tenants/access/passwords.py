"""What a password must be: NIST SP 800-63B-4, 15 characters alone, 12 beside a second factor."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from infra.tenancy.firm_context import active_firm

MINIMUM_ALONE = 15
MINIMUM_WITH_FACTOR = 12
MAXIMUM = 128


class LengthValidator:
    """Length only; no rules of composition, they make passwords worse."""

    def validate(self, password: str, user: Any = None) -> None:
        minimum = MINIMUM_WITH_FACTOR if _has_factor(user) else MINIMUM_ALONE
        if len(password) < minimum:
            raise ValidationError(
                _("Use at least %(minimum)d characters. A short sentence works well."),
                code="password_too_short",
                params={"minimum": minimum},
            )
        if len(password) > MAXIMUM:
            raise ValidationError(
                _("Use at most %(maximum)d characters."),
                code="password_too_long",
                params={"maximum": MAXIMUM},
            )

    def get_help_text(self) -> str:
        return _("At least %(minimum)d characters. A short sentence works well.") % {
            "minimum": MINIMUM_ALONE
        }


# What people type when a long password is demanded; the list of common ones knows short ones only.
HABITS = (
    "password", "passwort", "motdepasse", "wachtwoord", "passw0rd", "p4ssword", "letmein",
    "welcome", "willkommen", "bienvenue", "welkom", "iloveyou", "administrator", "qwertyuiop",
    "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "qwerty", "azerty", "qwertz", "asdf",
    "1q2w3e4r", "1qaz2wsx",
)  # fmt: skip


def _without_runs(text: str) -> str:
    """``text`` with every run of equal or neighbouring signs (aaaa, 1234, dcba) cut to its first."""
    kept, step = text[:1], 2
    for before, sign in pairwise(text):
        present = ord(sign) - ord(before)
        if abs(present) > 1 or (step != 2 and present != step):
            kept, step = kept + sign, 2
        else:
            step = present
    return kept


def _without_repetition(text: str) -> str:
    """The piece that ``text`` repeats, or ``text`` itself."""
    period = (text + text).find(text, 1)
    return text[:period] if 0 < period < len(text) else text


class ContextWordValidator:
    """Refuses passwords built from the firm's name, words of the trade, habits and repetition."""

    words = (
        "lawyer",
        "attorney",
        "advocat",
        "advocaat",
        "kanzlei",
        "rechtsanwalt",
        "portal",
        *HABITS,
    )

    def validate(self, password: str, user: Any = None) -> None:
        plain = "".join(sign for sign in password.lower() if sign.isalnum())
        firm = active_firm()
        names = [firm.slug, *firm.name.lower().split()] if firm else []
        rest = plain
        words = {"".join(sign for sign in word if sign.isalnum()) for word in (*self.words, *names)}
        # The longest first, so that a short word does not break up the one it is part of.
        for word in sorted(words, key=len, reverse=True):
            if len(word) >= 4:
                rest = rest.replace(word, "")
        rest = _without_repetition(_without_runs(rest))
        if len(rest) < 8 or len(set(rest)) < 5:
            raise ValidationError(
                _(
                    "This is too easy to guess: it is mostly the firm's name, a word of the trade or a pattern."
                ),
                code="password_context",
            )

    def get_help_text(self) -> str:
        return _("Not the firm's name, a word of the trade or a pattern.")


def _has_factor(user: Any) -> bool:
    if user is None or getattr(user, "_state", None) is None or user._state.adding:
        return False
    return bool(user.authenticator_set.filter(confirmed=True).exists())
