"""Signed values that belong to one firm: a valid one of firm A means nothing at firm B.

``django.core.signing`` is banned elsewhere; its keys know nothing of firms.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core import signing

from infra.common.errors import NotFound
from infra.tenancy.firm_context import current_firm


class BadSignature(NotFound):
    """The signed value is forged, too old, or was made for another firm or purpose."""


def derived_key(secret: bytes, info: str) -> bytes:
    """32 bytes bound to ``info`` (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(secret)


class FirmSigner:
    """Signs and reads small values for one purpose of one firm."""

    def __init__(self, scope: str, purpose: str) -> None:
        info = f"portico/sign/{scope}/{purpose}"
        self._salt = info
        self._key = base64.b64encode(derived_key(settings.SECRET_KEY.encode(), info)).decode()
        self._fallbacks = [
            base64.b64encode(derived_key(old.encode(), info)).decode()
            for old in settings.SECRET_KEY_FALLBACKS
        ]

    def sign(self, value: Any) -> str:
        """``value`` (JSON) with time and signature, safe in addresses."""
        return signing.dumps(value, key=self._key, salt=self._salt, compress=True)

    def read(self, signed: str, *, max_age: int | None = None) -> Any:
        """The value back; ``max_age`` in seconds. Raises ``BadSignature``."""
        try:
            return signing.loads(
                signed,
                key=self._key,
                salt=self._salt,
                max_age=max_age,
                fallback_keys=list(self._fallbacks),
            )
        except signing.BadSignature as error:
            raise BadSignature from error


def firm_signer(purpose: str) -> FirmSigner:
    """The signer of the current firm for ``purpose``; raises ``NoFirm`` outside of one."""
    firm = current_firm()
    return FirmSigner(f"{firm.id}/{firm.key_version}", purpose)


def platform_signer(purpose: str) -> FirmSigner:
    """The platform's own signer, for what happens before a firm exists."""
    return FirmSigner("platform", purpose)


def new_token() -> str:
    """A one-time secret of 256 bits for a link; store only ``token_hash`` of it."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a one-time secret: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
