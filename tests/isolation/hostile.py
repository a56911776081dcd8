"""Values and requests that no program of ours sends: what each address and field must survive."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

# Everything that came as text: in queries, forms and JSON alike.
TEXTS: tuple[str, ...] = (
    "",
    " ",
    "a\x00b",
    "\ud800",
    "a\udfffb",
    "x" * 10_000,
    "9" * 400,
    "9" * 5_000,
    "NaN",
    "sNaN",
    "-Infinity",
    "1e400",
    "1E-17000",
    "1E+17000",
    "1E999999999",
    "-1E-999999999999999999",
    "0." + "1" * 400,
    "１２３",
    "١٢٣",
    "1_0",
    "-1",
    "1" + "0" * 30,
    "2147483648",
    "9223372036854775808",
    "1,1,1",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "２０２６-０１-０１",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".example",
    "a" * 60 + "@" + ".".join(["b" * 60] * 3) + ".example",
    "a@\ud800.example",
    "a@xn--.example",
    "a\r\nBcc: b@c.example",
    "\r\nSet-Cookie: a=b",
    "%s%n{0}{request}{{ 1 }}",
    "' OR 1=1 --",
    "../../etc/passwd",
    "//evil.example/",
    "http://[::1",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{" * 50,
    "\u202e\u0000\ufeff\uffff",
    "é" * 130,
    "\U0001f600" * 200,
)
# What JSON can say besides text.
OTHERS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    10**30,
    10**400,
    -(2**63) - 1,
    1e308,
    0.1,
    [],
    {},
    [[]],
    [None],
    [{}],
    ["\ud800"],
    {"\ud800": 1},
    {"a\x00": {"b": ["\x00"]}},
    {"id": {"$ne": None}},
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request: ``query`` and ``body`` as bytes; ``name`` says what is wrong with it."""

    name: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def encoded(values: Mapping[str, Any]) -> str:
    """As browsers encode a form, lone surrogates included."""
    pairs = [
        (name, each)
        for name, given in values.items()
        for each in (given if isinstance(given, list) else [given])
    ]
    return "&".join(f"{_quoted(name)}={_quoted(str(value))}" for name, value in pairs)


FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def _nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def whole_requests(*, method: str, is_api: bool) -> Iterator[Hostile]:
    """Requests that cannot be read at all, or hardly."""
    for name, query in {
        "many parameters": "&".join(f"a{n}=1" for n in range(2_500)),
        "NUL in the query": "q=%00&page=%00&%00=1",
        "bad UTF-8 in the query": "q=%FF%FE&%C3=1&page=%ED%A0%80",
        "bad escapes in the query": "q=%&%zz=%1&=&&&;",
        "page beyond all numbers": "page=" + "1" + "0" * 30,
        "page in other digits": "page=" + _quoted("１２３") + "&page_size=" + _quoted("１０"),
    }.items():
        yield Hostile(name, query=query)
    for charset in ("utf-7", "rot13", "idna", "utf-16", "undefined", "nope", "a\x00b"):
        yield Hostile(
            f"charset {charset!r}",
            query="q=%2B2AA-",
            body=b"a=%2B2AA-" if method != "GET" else b"",
            content_type=f"{JSON if is_api else FORM}; charset={charset}",
        )
    if method == "GET":
        return
    for kind in (
        JSON,
        FORM,
        "multipart/form-data; boundary=x",
        "text/plain",
        "a/b;;=",
        "a/b; charset*=nope''%00",
        "",
    ):
        for name, body in {
            "no body": b"",
            "bytes": b"\xff\xfe\x00",
            "a list": b"[1]",
            "null": b"null",
            "a number": b"1",
            "a text": b'"a"',
            "half an object": b'{"a":',
            "NaN": b'{"amount": NaN, "quantity": Infinity}',
            "the same key twice": b'{"name": "a", "name": ["b"]}',
            "half a part": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
            "a part of bytes": b'--x\r\nContent-Disposition: form-data; name="a\xff\x00"; filename="\x00"'
            b"\r\nContent-Type: a/b; charset=rot13\r\n\r\n\x00\xff\r\n--x--\r\n",
        }.items():
            yield Hostile(f"{name} as {kind!r}", body=body, content_type=kind)
    yield Hostile("deep JSON", body=_nested(5_000), content_type=JSON)
    yield Hostile("deep JSON object", body=b'{"a":' * 100_000, content_type=JSON)
    yield Hostile("a long number", body=b'{"amount":' + b"9" * 6_000 + b"}", content_type=JSON)
    yield Hostile(
        "many fields",
        body="&".join(f"a{n}=1" for n in range(2_500)).encode(),
        content_type=FORM,
    )


def placed_at(body: Mapping[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy of ``body`` with ``value`` at ``path`` (a field, or a field of the first of a list)."""
    changed: Any = deepcopy(dict(body))
    *above, name = path
    into = changed
    for step in above:
        if not isinstance(into.get(step), list) or not into[step]:
            into[step] = [{}]
        into = into[step][0]
    into[name] = value
    return dict(changed)


def field_requests(
    row_body: Mapping[str, Any], fields: list[tuple[str, ...]], *, method: str, is_json: bool
) -> Iterator[Hostile]:
    """Each field with each value, the others as they should be."""
    for path in fields:
        for value in TEXTS + (OTHERS if is_json else ()):
            name = f"{'.'.join(path)}={str(value)[:40]!a}"
            if method == "GET":
                yield Hostile(name, query=encoded({path[-1]: value}))
            elif is_json:
                content = json.dumps(placed_at(row_body, path, value)).encode()
                yield Hostile(name, body=content, content_type=JSON)
            else:
                body = encoded({**row_body, path[-1]: value}).encode()
                yield Hostile(name, body=body, content_type=FORM)
