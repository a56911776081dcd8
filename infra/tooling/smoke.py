"""The main job, checked from outside over HTTP: a client signs in, sees the bill, gets the PDF.

Run by infra/up before it says "ready"; by hand while a demo runs: `python -m infra.tooling.smoke`.
Names under .localhost do not resolve outside browsers, so every request goes to 127.0.0.1
with the name in the Host header, and cookies are carried by hand (they are Secure, and
browsers but not libraries accept those from a .localhost name over plain HTTP).
"""

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

DESCRIPTION = "a client signs in, sees the invoices and gets one as PDF"
Facts = dict[str, Any]


class Problem(Exception):
    """What a check found, in words."""


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass
class Browser:
    """One visitor of one host, from the loopback address ``source`` if it is given."""

    port: int
    host: str
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    source: str = ""

    def get(self, path: str) -> Answer:
        """Read."""
        return self._send("GET", path, None, "")

    def post(self, path: str, content: dict[str, Any]) -> Answer:
        """Send JSON, as the API takes it."""
        return self._send("POST", path, json.dumps(content), "application/json")

    def submit(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form, as a page does."""
        return self._send("POST", path, urlencode(fields), "application/x-www-form-urlencoded")

    def _send(self, method: str, path: str, body: str | None, content_type: str) -> Answer:
        host = f"{self.host}:{self.port}"
        headers = {"Host": host, "Accept": "application/json, */*", **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers |= {"Content-Type": content_type, "Origin": f"http://{host}"}
            for name, value in self.cookies.items():
                if "csrf" in name:
                    headers["X-CSRFToken"] = value
        connection = http.client.HTTPConnection(
            "127.0.0.1",
            self.port,
            timeout=30,
            source_address=(self.source, 0) if self.source else None,
        )
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            raise Problem(f"{method} {self.host}{path}: {error}") from error
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: crumb.value for name, crumb in SimpleCookie(line).items()}
        return answer


def run(facts: Facts) -> list[str]:
    """What is wrong with a running demo; empty if its main job works."""
    problems = []
    for check in CHECKS:
        try:
            for _ in check(facts):
                pass
        except Problem as problem:
            problems.append(str(problem))
        except (ValueError, KeyError, IndexError, TypeError) as error:
            problems.append(f"{check.__name__.replace('_', ' ')}: unexpected answer ({error!r})")
    return problems


def _visit(facts: Facts, url_or_host: str) -> Browser:
    host = urlsplit(url_or_host).hostname if "//" in url_or_host else url_or_host
    return Browser(facts["ports"]["web"], host or "")


def _expect(answer: Answer, status: int, what: str) -> None:
    if answer.status != status:
        excerpt = answer.body[:200].decode(errors="replace")
        raise Problem(f"{what}: expected {status}, got {answer.status} ({excerpt})")


def unknown_hosts_are_refused(facts: Facts) -> Iterator[None]:
    """A host that belongs to nobody."""
    _expect(_visit(facts, "nobody.example").get("/"), 404, "an unknown host")
    yield


def platform_page_opens(facts: Facts) -> Iterator[None]:
    """The product's own page, and the answer that a load balancer asks for."""
    platform = _visit(facts, facts["platform_url"])
    _expect(platform.get("/"), 200, "the platform's page")
    yield
    _expect(platform.get("/readyz"), 200, "the platform's readiness")


def sign_in_pages_open(facts: Facts) -> Iterator[None]:
    """Each firm's two surfaces."""
    for firm in facts["firms"]:
        for surface in ("portal_url", "console_url"):
            answer = _visit(facts, firm[surface]).get(SIGN_IN_PAGE)
            _expect(answer, 200, f"sign-in page of {firm[surface]}")
            yield


def a_client_gets_an_invoice_as_pdf(facts: Facts) -> Iterator[None]:
    """Sign in over the API, list, open, and read the PDF that the worker makes."""
    firm = facts["firms"][0]
    person = next(
        each for each in firm["people"] if is_client(each) and not each.get("totp_secret")
    )
    browser = _visit(facts, firm["portal_url"])
    _expect(browser.get("/api/v1/auth/csrf/"), 200, "the CSRF cookie of the API")
    credentials = {"email": person["email"], "password": person["password"]}
    signed_in = browser.post("/api/v1/auth/login/", credentials)
    if signed_in.status not in (200, 204):
        _expect(signed_in, 200, f"sign-in of {person['email']} over the API")
    yield
    listed = browser.get("/api/v1/invoices/")
    _expect(listed, 200, "the invoice list")
    content = listed.json()
    invoices = content["results"] if isinstance(content, dict) else content
    if not invoices:
        raise Problem(f"the invoice list of {person['email']} is empty")
    yield
    path = f"/api/v1/invoices/{invoices[0]['id']}/pdf/"
    pdf = _patiently(lambda: browser.get(path))
    _expect(pdf, 200, "an invoice as PDF")
    if not pdf.body.startswith(b"%PDF"):
        raise Problem(f"{path} is no PDF: it begins with {pdf.body[:20]!r}")


def _patiently(ask: Callable[[], Answer], *, seconds: float = 60) -> Answer:
    """Ask again while the answer is "not ready yet": the worker makes PDFs."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer.status not in (202, 503) or time.monotonic() > deadline:
            return answer
        time.sleep(0.3)


def is_client(person: dict[str, Any]) -> bool:
    """Whether a demo person signs in at the portal."""
    return person.get("role") not in STAFF


STAFF = frozenset({"owner", "partner", "attorney", "billing", "assistant", "staff"})
SIGN_IN_PAGE = "/sign-in/"
CHECKS: tuple[Callable[[Facts], Iterator[None]], ...] = (
    unknown_hosts_are_refused,
    platform_page_opens,
    sign_in_pages_open,
    a_client_gets_an_invoice_as_pdf,
)


def main() -> int:
    """Check the demo that runs in this checkout."""
    path = Path(__file__).resolve().parents[2] / ".state" / "demo.json"
    if not path.exists():
        sys.stderr.write("No demo runs in this checkout; start it with ./infra/up\n")
        return 1
    problems = run(json.loads(path.read_text()))
    sys.stdout.write("\n".join(problems or [f"ok: {DESCRIPTION}"]) + "\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
