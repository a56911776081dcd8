"""Who asks, and how: the one place that decides the visitor's address and the scheme.

The word of a header counts only if the socket's other end is a trusted proxy, and only that of the
one header which the proxy is known to write (``PROXY_ADDRESS_HEADER``): a proxy passes on what it
does not write, so any other may be the visitor's own. Lists are read from the right, where the
nearest proxy writes (RFC 7239, section 5.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Headers = Sequence[tuple[bytes, bytes]]
Network = IPv4Network | IPv6Network

ADDRESS_HEADERS = ("X-Real-IP", "X-Forwarded-For", "Forwarded")
# One pair of RFC 7239: a name, and a token or a quoted string.
_PAIR = re.compile(r'\s*([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*')


@dataclass(frozen=True, slots=True)
class Visitor:
    """Address and scheme as everything behind the edge reads them."""

    address: str
    scheme: str
    is_forwarded: bool = False


class Proxies:
    """The proxies that are trusted, and the header in which they name the visitor."""

    def __init__(self, networks: Sequence[str], header: str) -> None:
        """Raises ``ValueError`` for what is neither an address nor a network, or no such header."""
        if header not in ADDRESS_HEADERS:
            raise ValueError(f"PROXY_ADDRESS_HEADER is one of {', '.join(ADDRESS_HEADERS)}.")
        self._networks = [ip_network(network.strip(), strict=False) for network in networks]
        self._header = header.lower().encode()
        self.trusts = lru_cache(maxsize=4096)(self._trusts)

    def visitor(self, peer: str, scheme: str, headers: Headers) -> Visitor:
        """The visitor behind ``peer``, the socket's other end."""
        nearest = plain_address(peer)
        if nearest is None or not self.trusts(nearest):
            return Visitor(nearest or peer, scheme)
        if self._header == b"forwarded":
            return self._of_forwarded(nearest, scheme, headers)
        values = _values(headers, self._header)
        if self._header == b"x-real-ip":
            values = values[-1:]
        address = nearest
        for value in reversed(values):
            found = plain_address(value)
            if found is None:
                break
            address = found
            if not self.trusts(found):
                break
        protocols = _values(headers, b"x-forwarded-proto")
        return Visitor(address, _scheme(protocols[-1] if protocols else "", scheme), True)

    def _of_forwarded(self, nearest: str, scheme: str, headers: Headers) -> Visitor:
        text = ",".join(value.decode("latin-1") for name, value in headers if name == b"forwarded")
        address = nearest
        for element in reversed(list(_elements(text))):
            found = plain_address(element.get("for", ""))
            if found is None:
                break
            address, scheme = found, _scheme(element.get("proto", ""), scheme)
            if not self.trusts(found):
                break
        return Visitor(address, scheme, True)

    def _trusts(self, address: str) -> bool:
        found = ip_address(address)
        return any(found in network for network in self._networks)


@lru_cache(maxsize=4096)  # tenant-safe: addresses in another spelling
def plain_address(text: str) -> str | None:
    """An address in its one spelling, without port, brackets and IPv4-in-IPv6; None if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(found)


def _values(headers: Headers, wanted: bytes) -> list[str]:
    """The list that all lines of one header make together."""
    return [
        part.strip()
        for name, value in headers
        if name == wanted
        for part in value.decode("latin-1").split(",")
    ]


def _scheme(given: str, otherwise: str) -> str:
    given = given.strip().lower()
    return given if given in ("http", "https") else otherwise


def _elements(text: str) -> Iterator[dict[str, str]]:
    """The elements of a ``Forwarded`` list; what cannot be read is an element without content."""
    element: dict[str, str] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            # Whatever stands here: it names nobody, and ends the chain that can be followed.
            element, at = {}, text.find(",", at)
            if at < 0:
                break
        else:
            quoted, token = pair[2], pair[3]
            value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token
            element[pair[1].lower()] = value
            at = pair.end()
        if at < len(text) and text[at] == ",":
            yield element
            element = {}
            at += 1
        elif at < len(text) and text[at] == ";":
            at += 1
        elif at < len(text):
            element, at = {}, at + 1
    yield element
