"""Who asks: a header counts only if a trusted proxy wrote it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.config.edge.peers import Proxies, Visitor

PROXY = "10.0.0.1"


def _headers(*lines: tuple[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in lines]


def _visitor(header: str, *lines: tuple[str, str], peer: str = PROXY) -> Visitor:
    return Proxies(["10.0.0.0/8", "fd00::/8"], header).visitor(peer, "http", _headers(*lines))


@pytest.mark.parametrize("header", ["X-Real-IP", "X-Forwarded-For", "Forwarded"])
def test_a_stranger_is_judged_by_the_socket(header: str) -> None:
    seen = _visitor(
        header,
        ("X-Real-IP", "198.51.100.1"),
        ("X-Forwarded-For", "198.51.100.1"),
        ("Forwarded", "for=198.51.100.1;proto=https"),
        ("X-Forwarded-Proto", "https"),
        peer="203.0.113.9",
    )
    assert seen == Visitor("203.0.113.9", "http")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["2001:DB8::0:1"], "2001:db8::1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["not an address"], PROXY),
        ([""], PROXY),
        ([], PROXY),
        # The visitor's own line comes first, the proxy's after it.
        (["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        (["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
    ],
)
def test_a_trusted_proxy_names_the_visitor(given: list[str], expected: str) -> None:
    lines = [("X-Real-IP", value) for value in given]
    assert _visitor("X-Real-IP", *lines).address == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["192.0.2.66, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        (["192.0.2.66", "198.51.100.1", "10.9.9.9, fd00::7"], "198.51.100.1"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        # What is left of something that cannot be read may be anybody's word.
        (["192.0.2.66, garbage, 10.2.2.2"], "10.2.2.2"),
    ],
)
def test_x_forwarded_for_is_read_from_the_right(given: list[str], expected: str) -> None:
    lines = [("X-Forwarded-For", value) for value in given]
    assert _visitor("X-Forwarded-For", *lines).address == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("for=198.51.100.1;proto=https", ("198.51.100.1", "https")),
        ('for="[2001:db8::1]:4711";proto=https;by=10.0.0.1', ("2001:db8::1", "https")),
        ("for=192.0.2.66;proto=https, for=198.51.100.1;proto=http", ("198.51.100.1", "http")),
        ("For=198.51.100.1; Proto=HTTPS, for=10.9.9.9", ("198.51.100.1", "https")),
        ('for=192.0.2.66, for="_hidden", for=10.9.9.9', ("10.9.9.9", "http")),
        ("for=192.0.2.66, for=unknown", (PROXY, "http")),
        ('for=192.0.2.66, "x', (PROXY, "http")),
        ('for="1, for=192.0.2.66', ("192.0.2.66", "http")),
        ("", (PROXY, "http")),
    ],
)
def test_forwarded_is_read_from_the_right(given: str, expected: tuple[str, str]) -> None:
    seen = _visitor("Forwarded", ("Forwarded", given))
    assert (seen.address, seen.scheme) == expected


def test_only_the_named_header_counts() -> None:
    lines = [("X-Forwarded-For", "192.0.2.66"), ("Forwarded", "for=192.0.2.66")]
    assert _visitor("X-Real-IP", *lines).address == PROXY


def test_the_last_scheme_is_the_nearest_proxys() -> None:
    forged = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")]
    assert _visitor("X-Real-IP", *forged).scheme == "http"
    assert _visitor("X-Real-IP", ("X-Forwarded-Proto", "https")).scheme == "https"
    assert _visitor("X-Real-IP", ("X-Forwarded-Proto", "gopher")).scheme == "http"


def test_an_ipv4_peer_in_ipv6_spelling_is_the_same_proxy() -> None:
    seen = _visitor("X-Real-IP", ("X-Real-IP", "198.51.100.1"), peer="::ffff:10.0.0.1")
    assert seen.address == "198.51.100.1"


@pytest.mark.parametrize(("networks", "header"), [(["nonsense"], "X-Real-IP"), ([], "X-Client")])
def test_wrong_settings_are_refused(networks: list[str], header: str) -> None:
    with pytest.raises(ValueError, match="nonsense|X-Real-IP"):
        Proxies(networks, header)


def test_production_does_not_start_behind_a_proxy_without_a_name() -> None:
    asked = [sys.executable, "-c", "import infra.config.settings.production"]
    root = Path(__file__).resolve().parents[3]
    env = {**os.environ, "TRUSTED_PROXIES": ""}
    refused = subprocess.run(asked, cwd=root, env=env, capture_output=True, text=True)
    assert "ImproperlyConfigured: Name the proxy's address or network" in refused.stderr
    for more in ({"TRUSTED_PROXIES": "127.0.0.1"}, {"BEHIND_TLS_PROXY": "false"}):
        assert subprocess.run(asked, cwd=root, env=env | more, capture_output=True).returncode == 0
