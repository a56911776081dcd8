"""Single fields encrypted under a firm's key (authenticator secrets, tokens of other systems).

AES-256-GCM; the key is derived from the installation's field key, the firm's id and key
version, and the purpose, which is also the associated data: a value moved to another firm
or field does not decrypt. Stored as ``v1.<key id>.<base64 of nonce and ciphertext>``.
"""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from infra.common.errors import Unavailable
from infra.tenancy.firm_context import current_firm
from infra.tenancy.signing import derived_key

NONCE_BYTES = 12


class Undecryptable(Unavailable):
    """A stored secret cannot be read with the keys at hand."""


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"portico/field-key/" + key).hexdigest()[:8]


def _keys() -> dict[str, bytes]:
    keys = [base64.b64decode(text) for text in settings.FIELD_KEYS]
    return {_key_id(key): key for key in keys}


def _cipher(master: bytes, purpose: str) -> tuple[AESGCM, bytes]:
    firm = current_firm()
    info = f"portico/field/{firm.id}/{purpose}"
    return AESGCM(derived_key(master, info)), info.encode()


def encrypt_field(plain: bytes, *, purpose: str) -> str:
    """``plain`` under the current firm's key for ``purpose``."""
    key_id, master = next(iter(_keys().items()))
    cipher, associated = _cipher(master, purpose)
    nonce = os.urandom(NONCE_BYTES)
    sealed = base64.b64encode(nonce + cipher.encrypt(nonce, plain, associated)).decode()
    return f"v1.{key_id}.{sealed}"


def decrypt_field(stored: str, *, purpose: str) -> bytes:
    """The plain bytes; raises ``Undecryptable`` for a foreign, damaged or orphaned value."""
    try:
        version, key_id, sealed = stored.split(".")
        master = _keys()[key_id]
        data = base64.b64decode(sealed)
    except (ValueError, KeyError) as error:
        raise Undecryptable from error
    if version != "v1":
        raise Undecryptable
    cipher, associated = _cipher(master, purpose)
    try:
        return cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], associated)
    except InvalidTag as error:
        raise Undecryptable from error
