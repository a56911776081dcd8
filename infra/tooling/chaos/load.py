"""People at work: a firm bills and sends without a pause, its client pays each bill."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from infra.tooling.smoke import Answer, Browser, Problem

LINES = [
    {"kind": "time", "description": "Advice", "quantity": "1.5", "unit_price": "200"},
    {"kind": "expense", "description": "Copies", "amount": "12.40"},
]
TOTAL = "312.40"


@dataclass
class Journal:
    """What the people were told: only what was answered with success counts as promised."""

    made: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    longest_pause: float = 0.0

    def count(self, outcome: str) -> None:
        """One more answer of this kind."""
        self.answers[outcome] = self.answers.get(outcome, 0) + 1


class Refused(Exception):
    """A step that did not succeed: what it promised is not promised."""


class Firm(threading.Thread):
    """One firm's biller and one of its clients."""

    def __init__(self, facts: dict[str, Any], firm: dict[str, Any], until: float) -> None:
        super().__init__(daemon=True)
        port = facts["ports"]["web"]
        self.slug = firm["slug"]
        self.journal = Journal()
        self._until = until
        self._token = {"Authorization": f"Bearer {firm['api_token']}"}
        self._biller = Browser(port, str(urlsplit(firm["console_url"]).hostname), {}, self._token)
        self._payer = Browser(port, str(urlsplit(firm["portal_url"]).hostname))
        self._platform = Browser(port, facts["domain"])
        self._person = next(one for one in firm["people"] if one["role"] == "client")
        self._client = self._currency = ""

    def sign_in(self) -> None:
        """Find the client whose bills are made, and sign its contact in."""
        name, email = self._person["name"], self._person["email"]
        self._must(self._payer.get("/api/v1/auth/csrf/"))
        credentials = {"email": email, "password": self._person["password"]}
        self._must(self._payer.post("/api/v1/auth/login/", credentials))
        contacts = self._must(self._biller.get("/api/v1/contacts/?page_size=100")).json()
        mine = [one for one in contacts["results"] if one["email"] == email]
        assert mine, f"{name} is no contact"  # noqa: S101
        self._client = mine[0]["client"]
        bills = self._must(self._biller.get("/api/v1/invoices/?page_size=1")).json()
        self._currency = bills["results"][0]["total"]["currency"]

    def run(self) -> None:
        last = time.monotonic()
        for number in count(1):
            if time.time() > self._until:
                return
            try:
                self._bill_and_pay(number)
            except (Problem, Refused) as error:
                self.journal.count(str(error).split(":")[-1].strip()[:40])
                time.sleep(0.1)
            else:
                self.journal.count("done")
                self.journal.longest_pause = max(
                    self.journal.longest_pause, time.monotonic() - last
                )
                last = time.monotonic()

    def _bill_and_pay(self, number: int) -> None:
        draft = {
            "client": self._client,
            "currency": self._currency,
            "subject": f"Drill {number}",
            "lines": LINES,
        }
        made = self._must(self._biller.post("/api/v1/invoices/", draft)).json()["id"]
        self.journal.made.append(made)
        self._must(self._biller.post(f"/api/v1/invoices/{made}/send/", {}))
        self.journal.sent.append(made)
        started = self._must(self._payer.post(f"/api/v1/invoices/{made}/payments/", {})).json()
        page = urlsplit(started["redirect_url"]).path
        shown = self._must(self._platform.get(page)).body.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', shown)
        fields = {"do": "pay", "number": "4242 4242 4242 4242"}
        if token:
            fields["csrfmiddlewaretoken"] = token[1]
        self._must(self._platform.submit(page, fields))
        self.journal.paid.append(made)

    def _must(self, answer: Answer) -> Answer:
        if answer.status >= 400:
            raise Refused(f"answered {answer.status}")
        return answer
