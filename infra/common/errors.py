"""Facts that stop an action, in five kinds.

A room raises a subclass that names the fact (``InvoiceAlreadyPaid``), defined in the
module that raises it. Doors translate the kind: the API to a status and the error
envelope, pages to a form error. ``code`` is for machines, ``message`` for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FieldErrors = Mapping[str, Sequence[str]]


def _code_of(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class DomainError(Exception):
    """What happened, for people (``message``) and for machines (``code``).

    ``fields`` maps a field's name to its sentences where the fact belongs to input.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str | Promise] = _("Something went wrong.")
    # Seconds after which trying again may work, where that is known (Retry-After, RFC 9110).
    retry_after: int | None = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "code" not in cls.__dict__:
            cls.code = _code_of(cls.__name__)

    def __init__(
        self, message: str | Promise | None = None, *, fields: FieldErrors | None = None
    ) -> None:
        self.text = message if message is not None else type(self).message
        self.fields: FieldErrors = fields or {}
        # Not turned into words before somebody reads it: the language may not be known yet.
        super().__init__(self.text)

    def __str__(self) -> str:
        return str(self.text)


class NotAllowed(DomainError):
    """The person may not do this (403)."""

    message: ClassVar[str | Promise] = _("You may not do this.")


class NotFound(DomainError):
    """Absent, or not theirs to know of: both look the same (404)."""

    message: ClassVar[str | Promise] = _("We could not find that.")


class Conflict(DomainError):
    """The thing is in a state that rules this out (409)."""

    message: ClassVar[str | Promise] = _("That is not possible in the present state.")


class Invalid(DomainError):
    """The input cannot be used; ``fields`` says where (422)."""

    message: ClassVar[str | Promise] = _("Please correct what is marked.")


class Unavailable(DomainError):
    """Something we depend on does not answer; trying later may work (503)."""

    message: ClassVar[str | Promise] = _(
        "This is not available right now. Please try again in a few minutes."
    )


@contextmanager
def fields_under(name: str) -> Iterator[None]:
    """The fields of an ``Invalid`` raised inside begin with ``name``: which of many it is about."""
    try:
        yield
    except Invalid as refused:
        fields = {f"{name}.{field}": why for field, why in refused.fields.items()}
        raise type(refused)(fields=fields) from refused
