"""A real browser against a running server, with real commits."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.world import PASSWORD, World

# Playwright drives the browser from a loop of its own; the server's queries are synchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Pictures of a walk, wanted with another width or in the dark: for whoever looks at them.
SHOTS = Path(os.environ.get("PORTICO_SHOTS", ""))
WIDTH = os.environ.get("PORTICO_SHOTS_WIDTH", "")
DARK = os.environ.get("PORTICO_SHOTS_DARK") == "1"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's headless Chromium; ``infra/test`` installs it and names it in CHROMIUM."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium-headless-shell"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def port() -> int:
    """A free port, so that addresses in mails lead to this test's server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served(committed_world: World, port: int, settings: Any) -> Iterator[World]:
    """The test world behind a threaded server on ``*.localhost``."""
    settings.PUBLIC_PORT = str(port)
    settings.SANDBOX_WEBHOOK_URL = f"http://127.0.0.1:{port}/hooks/sandbox/"
    server = LiveServer(f"127.0.0.1:{port}")
    yield committed_world
    server.stop()


class Visitor:
    """One browser window of one person: keeps what went wrong, and takes pictures."""

    def __init__(self, context: BrowserContext, port: int) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.port = port
        self.errors: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _console(self, message: Any) -> None:
        # The browser's own line for a 422 is not a defect.
        if message.type == "error" and "422" not in message.text:
            self.errors.append(message.text)

    def go(self, host: str, path: str = "/") -> None:
        self.page.goto(f"http://{host}:{self.port}{path}")

    def sign_in(self, host: str, email: str) -> None:
        """Through the form, as somebody of the test world."""
        self.go(host, "/sign-in/")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button[type=submit]")
        self.page.wait_for_url(f"http://{host}:{self.port}/")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()

    def check(self, name: str) -> None:
        """No accessibility fault, no console error, and a picture if pictures are wanted."""
        self.page.wait_for_load_state()
        found = Axe().run(self.page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        faults = [
            f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found.response["violations"]
        ]
        assert faults == [], f"{name}: {faults}"
        assert self.errors == [], f"{name}: {self.errors}"
        if str(SHOTS) != ".":
            SHOTS.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


NewVisitor = Callable[..., Visitor]


@pytest.fixture
def visitor(chromium: Browser, port: int) -> Iterator[NewVisitor]:
    """Make windows: ``visitor(width=390, dark=True, javascript=False)``."""
    contexts = []

    def make(*, width: int = 1280, dark: bool = False, javascript: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport={"width": int(WIDTH or width), "height": 900},
            color_scheme="dark" if dark or DARK else "light",
            java_script_enabled=javascript,
            locale="en-GB",
        )
        contexts.append(context)
        return Visitor(context, port)

    yield make
    for context in contexts:
        context.close()
