"""Signed values and encrypted fields belong to one firm and one purpose."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from infra.tenancy.firm_context import NoFirm
from infra.tenancy.keys import Undecryptable, decrypt_field, encrypt_field, key_service
from infra.tenancy.signing import BadSignature, firm_signer, platform_signer
from tests.world import World


def test_a_value_comes_back(world: World) -> None:
    with world.alpha.inside():
        assert firm_signer("x").read(firm_signer("x").sign({"a": [1, "é"]})) == {"a": [1, "é"]}


def test_another_firm_cannot_read_it(world: World) -> None:
    with world.alpha.inside():
        signed = firm_signer("x").sign("secret")
    with world.beta.inside(), pytest.raises(BadSignature):
        firm_signer("x").read(signed)


def test_another_purpose_cannot_read_it(world: World) -> None:
    with world.alpha.inside():
        signed = firm_signer("x").sign("secret")
        with pytest.raises(BadSignature):
            firm_signer("y").read(signed)
    with pytest.raises(BadSignature):
        platform_signer("x").read(signed)


def test_a_new_key_version_ends_all_earlier_values(world: World) -> None:
    from dataclasses import replace

    from infra.tenancy.firm_context import in_firm

    with world.alpha.inside():
        signed = firm_signer("x").sign("secret")
    with in_firm(replace(world.alpha.ref, key_version=2)), pytest.raises(BadSignature):
        firm_signer("x").read(signed)


def test_it_expires(world: World) -> None:
    with world.alpha.inside():
        with time_machine.travel("2026-01-01T12:00:00Z"):
            signed = firm_signer("x").sign("secret")
        with time_machine.travel("2026-01-01T12:06:00Z"), pytest.raises(BadSignature):
            firm_signer("x").read(signed, max_age=300)


def test_an_old_secret_still_reads(world: World, settings: Any) -> None:
    with world.alpha.inside():
        signed = firm_signer("x").sign("secret")
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-secret-of-sufficient-length-for-a-key-0123456789"
        assert firm_signer("x").read(signed) == "secret"


def test_there_is_no_signing_outside_a_firm() -> None:
    with pytest.raises(NoFirm):
        firm_signer("x")


def test_a_field_decrypts_for_its_firm_and_purpose_only(world: World) -> None:
    with world.alpha.inside():
        stored = encrypt_field(b"JBSWY3DP", purpose="authenticator")
        assert b"JBSWY3DP" not in stored.encode()
        assert decrypt_field(stored, purpose="authenticator") == b"JBSWY3DP"
        with pytest.raises(Undecryptable):
            decrypt_field(stored, purpose="other")
    with world.beta.inside(), pytest.raises(Undecryptable):
        decrypt_field(stored, purpose="authenticator")


@pytest.mark.parametrize("stored", ["", "v1.x.y", "v2.00000000.AAAA", "nonsense"])
def test_a_damaged_field_says_so(world: World, stored: str) -> None:
    with world.alpha.inside(), pytest.raises(Undecryptable):
        decrypt_field(stored, purpose="authenticator")


def test_a_rotated_field_key_still_reads_what_the_old_one_wrote(
    world: World, settings: Any
) -> None:
    with world.alpha.inside():
        stored = encrypt_field(b"secret", purpose="p")
        new = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
        settings.FIELD_KEYS = [new, *settings.FIELD_KEYS]
        assert decrypt_field(stored, purpose="p") == b"secret"
        assert not key_service().is_present(stored)
        assert key_service().is_present(encrypt_field(b"secret", purpose="p"))
