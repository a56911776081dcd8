"""Secrets of one-time links stay out of log lines, error reports and the next page's Referer."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from infra.config.middleware.firm import URLCONFS
from infra.observability.logs import JsonFormatter
from infra.observability.redaction import MASK, masked
from infra.observability.sentry import scrubbed
from infra.tenancy.firm_context import in_public
from infra.tenancy.signing import firm_signer, new_token, platform_signer
from tests.world import World

# Captured texts that open nothing: names of public files, and of a payment provider.
OPEN = {"name", "digest", "provider"}


def _routes(patterns: Any, before: str = "") -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += _routes(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            found.append((before + str(one.pattern), one.pattern.converters))
    return found


@pytest.mark.parametrize("surface", URLCONFS)
def test_every_text_that_an_address_captures_is_masked(surface: str) -> None:
    for route, converters in _routes(get_resolver(URLCONFS[surface]).url_patterns):
        for name, converter in converters.items():
            if type(converter).__name__ == "UUIDConverter" or name in OPEN:
                continue
            for secret in (new_token(), "short"):
                path = "/" + route.replace(f"<str:{name}>", secret)
                assert secret in path, route
                assert secret not in masked(path), route


def test_what_we_sign_and_draw_is_masked_wherever_it_stands(world: World) -> None:
    with world.alpha.inside():
        secrets = [firm_signer("password-reset").sign(["x"]), new_token()]
    with in_public():
        secrets.append(platform_signer("sign-up").sign({"a": 1}))
    for secret in secrets:
        for text in (f"/wrong/{secret}", f"/invitation//{secret}/", f"Not found: {secret}"):
            assert secret not in masked(text), text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/invoices/01890000-0000-7000-8000-000000000000/pdf/",
        "/invitations/01890000-0000-7000-8000-000000000000/revoke/",
        "/viewing/leave/",
        "/static/webapp/app.0123456789ab.js",
        "/api/v1/invoices/",
    ],
)
def test_what_opens_nothing_is_told(path: str) -> None:
    assert masked(path) == path


def _secret_pages(world: World) -> list[tuple[str, str, str]]:
    secret = new_token()
    return [
        (world.alpha.portal, f"/invitation/{secret}/", secret),
        (world.alpha.console, f"/invitation/{secret}", secret),
        (world.alpha.portal, f"/password/reset/{secret}/", secret),
        (world.alpha.portal, f"/viewing/{secret}/", secret),
        ("portico.localhost", f"/sign-up/confirm/{secret}/", secret),
        ("portico.localhost", f"/sandbox/pay/{secret}/", secret),
    ]


def test_neither_the_log_nor_the_referer_holds_the_secret(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    for host, path, secret in _secret_pages(world):
        caplog.clear()
        with caplog.at_level(logging.INFO):
            answer = Browser(headers={"host": host}).get(path)
        lines = [JsonFormatter().format(record) for record in caplog.records]
        assert any(MASK in line for line in lines), path
        assert not any(secret in line for line in lines), path
        # Forms on these pages need their origin told: not ``no-referrer``.
        assert answer["Referrer-Policy"] == "strict-origin", path
    assert Browser(headers={"host": world.alpha.portal}).get("/sign-in/")["Referrer-Policy"] == (
        "same-origin"
    )


def test_a_trace_and_a_message_of_others_hold_no_secret() -> None:
    secret = new_token()
    try:
        raise ValueError(f"no page at /invitation/{secret}/")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (secret,), info
    )
    assert secret not in JsonFormatter().format(record)


def test_an_error_report_holds_no_secret_of_a_link() -> None:
    secret = new_token()
    path = f"/invitation/{secret}/"
    event = {
        "transaction": path,
        "message": path,
        "logentry": {"message": path, "formatted": path, "params": [path]},
        "request": {"url": f"https://a.test{path}?x=1", "headers": {"Referer": path}},
        "exception": {"values": [{"value": path}]},
        "breadcrumbs": {"values": [{"message": path}]},
        "extra": {"path": path},
    }
    told = json.dumps(scrubbed(event, {}))
    assert secret not in told
    assert MASK in told
