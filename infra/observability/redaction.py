"""What may be told of an address outside of its request: nothing that opens a door.

Links that open something (an invitation, a new password, a look as a client, a sign-up, a
payment) carry their secret in the path. Log lines, error reports and the ``Referer`` of the
next request must not.
"""

from __future__ import annotations

import re

MASK = "[secret]"
# However the secret looks: somebody may have cut it short, or sent it to the wrong host.
AFTER = re.compile(
    r"/(invitation|password/reset|sign-in/unlock|viewing|sign-up/confirm|sandbox/pay|sandbox/onboarding)"
    r"/(?!leave/)[^/\s?#\"']+"
)
# Wherever it stands: what we hand out is random and long, ids and hashes are lower case.
LONG = re.compile(r"[\w:-]{32,}")


# A mail address, however it is quoted.
ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")


def without_addresses(text: str) -> str:
    """``text`` with every mail address masked: whose it is is not told either."""
    return ADDRESS.sub("[address]", text)


def _masked(found: re.Match[str]) -> str:
    return found[0] if found[0] == found[0].lower() else MASK


def masked(text: str) -> str:
    """A path, an address or a whole text, without the secrets of one-time links."""
    return LONG.sub(_masked, AFTER.sub(rf"/\1/{MASK}", text))
