"""What a browser remembers of having seen the portal as a client, once the session is gone.

A signed note without any right: where the staff member came from, and their language.
"""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse

from infra.tenancy.signing import BadSignature, firm_signer

COOKIE = "__Host-look"
# A working day: whoever comes back to the tab after lunch still finds the way.
KEPT_SECONDS = 12 * 3600


class Look(NamedTuple):
    """The path on the console that the look began at, and the reader's language."""

    back: str
    language: str


def note_look(answer: HttpResponse, *, back: str, language: str) -> None:
    """Remember in the browser that it looks as a client does."""
    answer.set_cookie(
        COOKIE,
        firm_signer("look").sign([back, language]),
        max_age=KEPT_SECONDS,
        secure=True,
        httponly=True,
        samesite="Lax",
    )


def last_look(request: HttpRequest) -> Look | None:
    """The look that this browser had, or None; a forged or foreign note is none."""
    try:
        back, language = firm_signer("look").read(
            request.COOKIES.get(COOKIE, ""), max_age=KEPT_SECONDS
        )
    except BadSignature:
        return None
    return Look(back, language)


def forget_look(answer: HttpResponse) -> None:
    """The person left, or somebody signs in here in their own name."""
    answer.delete_cookie(COOKIE, samesite="Lax")
    answer.cookies[COOKIE]["secure"] = True
