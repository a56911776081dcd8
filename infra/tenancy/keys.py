"""The one key service: it wraps small secrets and the keys of larger ones, for one firm and purpose.

A secret is bound to the firm and the purpose that it was wrapped for: moved to another firm or
field it does not come back. Encrypted fields are wrapped whole; a file will be encrypted under a
key of its own, and that key wrapped here.
"""

from __future__ import annotations

import base64
import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from infra.common.errors import Unavailable
from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import derived_key

NONCE_BYTES = 12


class Undecryptable(Unavailable):
    """A stored secret cannot be read with the keys at hand."""


class KeyService(Protocol):
    """What keeps the installation's keys. ``context`` names firm and purpose; it is authenticated."""

    def wrap(self, plain: bytes, *, context: str) -> str:
        """``plain`` under the present key, as text that names the key."""
        ...

    def unwrap(self, wrapped: str, *, context: str) -> bytes:
        """The plain bytes. Raises ``Undecryptable`` for a foreign, damaged or orphaned value."""
        ...

    def is_present(self, wrapped: str) -> bool:
        """Whether the value was wrapped under the present key; if not, wrap it anew to rotate."""
        ...


class LocalKeyring:
    """Keys from the settings (``FIELD_KEYS``): the first wraps, all unwrap.

    AES-256-GCM (NIST SP 800-38D) under a key derived from the master key and the context
    (HKDF, RFC 5869); stored as ``v1.<key id>.<base64 of nonce and ciphertext>``.
    """

    def wrap(self, plain: bytes, *, context: str) -> str:
        key_id, master = next(iter(self._keys().items()))
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher(master, context).encrypt(nonce, plain, context.encode())
        return f"v1.{key_id}.{base64.b64encode(sealed).decode()}"

    def unwrap(self, wrapped: str, *, context: str) -> bytes:
        try:
            version, key_id, sealed = wrapped.split(".")
            master, data = self._keys()[key_id], base64.b64decode(sealed)
        except (ValueError, KeyError) as error:
            raise Undecryptable from error
        if version != "v1":
            raise Undecryptable
        nonce, ciphertext = data[:NONCE_BYTES], data[NONCE_BYTES:]
        try:
            return self._cipher(master, context).decrypt(nonce, ciphertext, context.encode())
        except (InvalidTag, ValueError) as error:
            raise Undecryptable from error

    def is_present(self, wrapped: str) -> bool:
        return wrapped.split(".")[1:2] == [next(iter(self._keys()))]

    @staticmethod
    def _keys() -> dict[str, bytes]:
        masters = [base64.b64decode(text) for text in settings.FIELD_KEYS]
        return {hashlib.sha256(b"portico/field-key/" + key).hexdigest()[:8]: key for key in masters}

    @staticmethod
    def _cipher(master: bytes, context: str) -> AESGCM:
        return AESGCM(derived_key(master, context))


def key_service() -> KeyService:
    """The key service of this installation."""
    return LocalKeyring()


def _context(purpose: str) -> str:
    return f"portico/field/{current_firm().id}/{purpose}"


def encrypt_field(plain: bytes, *, purpose: str) -> str:
    """A small secret of the current firm, as it is stored."""
    return key_service().wrap(plain, context=_context(purpose))


def decrypt_field(stored: str, *, purpose: str) -> bytes:
    """The secret back. Raises ``Undecryptable``."""
    return key_service().unwrap(stored, context=_context(purpose))
