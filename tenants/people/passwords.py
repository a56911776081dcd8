"""What a password must be: NIST SP 800-63B-4, 15 characters alone, 12 beside a second factor."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from infra.common.firm_context import active_firm

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


class ContextWordValidator:
    """Refuses passwords built from the firm's name and words of the trade."""

    words = ("lawyer", "attorney", "advocat", "advocaat", "kanzlei", "rechtsanwalt", "portal")

    def validate(self, password: str, user: Any = None) -> None:
        plain = "".join(sign for sign in password.lower() if sign.isalnum())
        firm = active_firm()
        names = [firm.slug, *firm.name.lower().split()] if firm else []
        rest = plain
        for word in (*self.words, *names):
            clean = "".join(sign for sign in word if sign.isalnum())
            if len(clean) >= 4:
                rest = rest.replace(clean, "")
        if len(rest) < 8:
            raise ValidationError(
                _(
                    "This is too easy to guess: it is mostly the firm's name or a word of the trade."
                ),
                code="password_context",
            )

    def get_help_text(self) -> str:
        return _("Not the firm's name or a word of the trade.")


def _has_factor(user: Any) -> bool:
    if user is None or getattr(user, "_state", None) is None or user._state.adding:
        return False
    return bool(user.authenticator_set.filter(confirmed=True).exists())
