"""Live streams: a ticket opens one person's stream, anything else opens nothing."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings as live_settings

from infra.live.channels import live_ticket, read_ticket, tell_person
from infra.tenancy.signing import BadSignature
from infra.tooling.stack.ports import choose
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]
ORIGIN = "http://alpha.portico.localhost:8000"


@pytest.fixture(scope="module")
def live_port() -> Iterator[int]:
    port = choose(None)
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.live"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "LIVE_PORT": str(port),
            "REDIS_URL": live_settings.REDIS_URL,
            "SECRET_KEY": live_settings.SECRET_KEY,
            "DJANGO_SETTINGS_MODULE": "infra.config.settings.test",
        },
    )
    for _turn in range(100):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            break
        except OSError:
            time.sleep(0.1)
    yield port
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _open(port: int, ticket: str) -> http.client.HTTPResponse:
    visitor = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    visitor.request("GET", f"/live/?ticket={quote(ticket)}")
    return visitor.getresponse()


def test_a_person_hears_of_their_own_news_only(
    world: World, live_port: int, django_capture_on_commit_callbacks: object
) -> None:
    ada, bob = world.alpha.people["ada"], world.alpha.people["bob"]
    with world.alpha.inside():
        stream = _open(live_port, live_ticket(person_id=ada.pk, origin=ORIGIN))
    assert stream.status == 200
    assert stream.getheader("access-control-allow-origin") == ORIGIN
    assert stream.readline() == b": here\n"
    with world.alpha.inside(), django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        tell_person(person_id=bob.pk, event="for-bob")
        tell_person(person_id=ada.pk, event="payment")
    with world.beta.inside(), django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        tell_person(person_id=ada.pk, event="from-another-firm")
    assert stream.readline() == b"\n"
    assert stream.readline() == b"data: payment\n"
    stream.close()


@pytest.mark.parametrize("ticket", ["", "nonsense", "e30:1abc:xyz"])
def test_no_ticket_no_stream(live_port: int, ticket: str) -> None:
    assert _open(live_port, ticket).status == 204


def test_a_ticket_ends(world: World) -> None:
    with world.alpha.inside(), time_machine.travel("2026-01-01T12:00:00Z"):
        ticket = live_ticket(person_id=world.alpha.people["ada"].pk, origin=ORIGIN)
    with time_machine.travel("2026-01-01T12:10:01Z"), pytest.raises(BadSignature):
        read_ticket(ticket)
