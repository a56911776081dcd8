"""What a person changes in person: signed in at a browser, with the second step that is demanded.

Who signs in, how, and for how long must not be changed by a key: it could make room for
another one that outlives it. The one rule for every room; services require it with whoever acts.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from infra.common.actor import Actor
from infra.common.errors import NotAllowed


class SessionNeeded(NotAllowed):
    """An API token asks for what is done in person."""

    message = _("An API token may not change this. Please sign in to the console and do it there.")


class SecondStepNeeded(NotAllowed):
    """The firm demands a second step at sign-in that this session has not passed."""

    message = _("Please sign in with the code of your authenticator app first.")


def require_session(by: Actor) -> None:
    """Raises ``SessionNeeded`` for somebody who acts by a token.

    The actor was marked by whoever authenticated it (the token's look-up, the session's); one
    without a mark acts in a task or a command of ours.
    """
    if by.acts_by_token:
        raise SessionNeeded


def require_in_person(by: Actor) -> None:
    """Raises ``SessionNeeded`` for a token, ``SecondStepNeeded`` for a session without the step."""
    require_session(by)
    if by.skipped_factor:
        raise SecondStepNeeded
