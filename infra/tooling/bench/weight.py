"""What a first visit brings over the wire, and how soon the page's main part is there.

A real Chromium with an empty cache tells what it received. The second figure is measured
with the throttling that Lighthouse uses for a phone: 1.6 Mbit/s, 150 ms, a processor four
times slower.
"""

from __future__ import annotations

import os
import shutil
import statistics
from typing import Any

import brotli  # type: ignore[import-untyped]
from playwright.sync_api import Browser, sync_playwright

# Before anything of the page runs; the policy of the page does not concern the browser's own.
WATCH = """
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__lcp = entry.startTime;
}).observe({ type: 'largest-contentful-paint', buffered: true });
"""
NAMES = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable")
KINDS = {"Document": "HTML", "Stylesheet": "CSS", "Script": "JS"}


def chromium() -> str | None:
    """The browser: ``CHROMIUM`` or the first one that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def first_views(
    origin: str, cookie: str, pages: list[tuple[str, str, bool]], times: int = 5
) -> list[dict[str, Any]]:
    """A row for each page (name, path, signed in); the last column is the median of ``times``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            return [
                _first_view(browser, origin, cookie if signed_in else "", name, path, times)
                for name, path, signed_in in pages
            ]
        finally:
            browser.close()


def _first_view(
    browser: Browser, origin: str, cookie: str, name: str, path: str, times: int
) -> dict[str, Any]:
    weight, brand, html = _weighed(browser, origin, cookie, path)
    paints = [_painted(browser, origin, cookie, path) for _turn in range(times)]
    return {
        "page": name,
        **{f"{kind} KB": round(weight.get(kind, 0) / 1000, 1) for kind in ("JS", "CSS")},
        "brand CSS KB": round(brand / 1000, 1),
        "HTML KB": round(weight.get("HTML", 0) / 1000, 1),
        "fonts and images KB": round(weight.get("other", 0) / 1000, 1),
        "headers KB": round(weight.get("headers", 0) / 1000, 1),
        "total KB": round((sum(weight.values()) + brand) / 1000, 1),
        # What a proxy makes of it that compresses pages; the server itself does not.
        "total with HTML by brotli KB": round(
            (sum(weight.values()) + brand - weight.get("HTML", 0) + html) / 1000, 1
        ),
        "LCP ms": round(statistics.median(paints)),
    }


def _page(browser: Browser, origin: str, cookie: str) -> Any:
    context = browser.new_context(viewport={"width": 412, "height": 823}, device_scale_factor=1.75)
    if cookie:
        name, _is, value = cookie.partition("=")
        # A secure cookie: the browser lets it reach localhost, but only https may set it.
        secure = origin.replace("http://", "https://")
        context.add_cookies([{"name": name, "value": value, "url": secure, "secure": True}])
    return context.new_page()


def _weighed(
    browser: Browser, origin: str, cookie: str, path: str
) -> tuple[dict[str, int], int, int]:
    """Bytes on the wire by kind, those of the firm's own stylesheet, the page by brotli."""
    page = _page(browser, origin, cookie)
    session = page.context.new_cdp_session(page)
    kinds: dict[str, tuple[str, str, int]] = {}
    weight: dict[str, int] = {}
    brand = 0

    def began(event: dict[str, Any]) -> None:
        response = event["response"]
        headers = int(response.get("encodedDataLength", 0))
        kinds[event["requestId"]] = (event.get("type", ""), response["url"], headers)

    def ended(event: dict[str, Any]) -> None:
        nonlocal brand
        kind, url, headers = kinds.get(event["requestId"], ("", "", 0))
        if not url.startswith("http"):
            return
        size = int(event["encodedDataLength"]) - headers
        weight["headers"] = weight.get("headers", 0) + headers
        if kind == "Stylesheet" and "/static/" not in url:
            brand += size
        else:
            name = KINDS.get(kind, "other")
            weight[name] = weight.get(name, 0) + size

    session.on("Network.responseReceived", began)
    session.on("Network.loadingFinished", ended)
    session.send("Network.enable")
    answer = page.goto(origin + path, wait_until="networkidle")
    html = len(brotli.compress(answer.body(), quality=5))
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    page.context.close()
    return weight, brand, html


def _painted(browser: Browser, origin: str, cookie: str, path: str) -> float:
    page = _page(browser, origin, cookie)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 1.6 * 1024 * 1024 / 8,
            "uploadThroughput": 750 * 1024 / 8,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.add_init_script(WATCH)
    page.goto(origin + path, wait_until="networkidle")
    found = page.evaluate("window.__lcp")
    page.context.close()
    return float(found or 0)
