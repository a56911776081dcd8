"""``python -m infra.tooling.bench``: everything, on servers of its own."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.tooling.bench.report import Report
from infra.tooling.bench.weight import chromium
from infra.tooling.stack.throwaway import throwaway_servers

ROOT = Path(__file__).resolve().parents[3]
PORT, PEER_PORT = 8471, 8472
LIST = "/api/v1/invoices/?status=overdue&ordering=due_date&page_size=25"
SIZES = (1, 50, 300)


@dataclass(frozen=True, slots=True)
class Ground:
    """What the measurements stand on: the firm, one client's keys, and the database's process."""

    ref: Any
    client: str
    invoice: str
    postgres: int

    @property
    def cases(self) -> list[tuple[str, str, str]]:
        """Name, path of ours, path of the plain server."""
        return [
            ("invoice list, API", LIST, "/"),
            ("one invoice, API", f"/api/v1/invoices/{self.invoice}/", "/one"),
            ("invoice list, page", "/invoices/?status=overdue", "/"),
            ("dashboard, page", "/", "/"),
        ]

    @property
    def host(self) -> str:
        """The portal's host with the port."""
        return f"{self.ref.portal_host}:{PORT}"


@contextmanager
def _ours(env: Mapping[str, str]) -> Iterator[int]:
    from infra.config.edge import server
    from infra.tooling.bench.http_load import served

    own = {**env, "PORTICO_PORT": str(PORT), "LOG_LEVEL": "WARNING", "REQUEST_THREADS": "1"}
    with served(server.APPLICATION, PORT, own, server.OPTIONS) as pid:
        yield pid


def _http(env: Mapping[str, str], on: Ground, cookie: str, one: int) -> list[dict[str, Any]]:
    from infra.tooling.bench.http_load import measure, served

    peer = {
        **env,
        "BENCH_SCHEMA": on.ref.schema,
        "BENCH_CLIENT": on.client,
        "BENCH_INVOICE": on.invoice,
    }
    rows = []
    headers = {"Host": on.host, "Cookie": cookie}
    with served("infra.tooling.bench.plain_server:application", PEER_PORT, peer) as two:
        for connections in (8, 32):
            for name, path, other in on.cases:
                ours = measure(
                    f"http://127.0.0.1:{PORT}{path}", headers, connections, {one, on.postgres}
                )
                plain = measure(
                    f"http://127.0.0.1:{PEER_PORT}{other}", {}, connections, {two, on.postgres}
                )
                rows.append(
                    {
                        "what": name,
                        "connections": connections,
                        "Portico, requests/s": round(ours.rate),
                        "CPU ms": round(ours.cpu, 2),
                        "p99 ms": round(ours.p99, 1),
                        "plain, requests/s": round(plain.rate),
                        "plain CPU ms": round(plain.cpu, 2),
                        "errors": ours.errors + plain.errors,
                    }
                )
    return rows


def _served(report: Report, env: Mapping[str, str], on: Ground) -> None:
    """What needs a running server: load, weight, and the same load on more and more firms."""
    from infra.tooling.bench import data, inside
    from infra.tooling.bench.http_load import sign_in
    from infra.tooling.bench.many_firms import Spread
    from infra.tooling.bench.weight import first_views

    with _ours(env) as pid:
        cookie = sign_in(PORT, on.ref.portal_host, data.EMAIL, data.PASSWORD)
        report.add(
            "HTTP, beside a plain psycopg + JSON server", "http", _http(env, on, cookie, pid)
        )
        pages = [
            ("sign-in", "/sign-in/", False),
            ("dashboard", "/", True),
            ("invoice list", "/invoices/", True),
            ("invoice, with the way to pay it", f"/invoices/{on.invoice}/", True),
        ]
        report.add(
            "First view of a page, empty cache",
            "weight",
            first_views(f"http://{on.host}", cookie, pages),
        )
        spread, opened = Spread(PORT, {pid, on.postgres}), []
        for size in SIZES:
            opened.append(inside.opening(size))
            spread.measure(size)
        report.add("Opening a firm", "firms", opened)
        report.add(
            "The same requests, spread over all firms",
            "many_firms",
            sorted(spread.rows, key=lambda row: str(row["what"])),
        )


def _in_process(report: Report, on: Ground) -> None:
    from infra.tenancy.firm_context import in_firm
    from infra.tooling.bench import data, in_process, overhead
    from infra.tooling.bench.many_firms import session_of
    from tenants.people.models import User

    with in_firm(on.ref):
        cookie = session_of(User.objects.get(email=data.EMAIL))
    cases = [(name, path) for name, path, _other in on.cases]
    report.add(
        "In one process, without HTTP",
        "in_process",
        in_process.paths(on.ref.portal_host, cookie, cases),
    )
    report.add(
        "One query in a firm, beside plain Django", "overhead", overhead.tenant_overhead(on.ref)
    )


def _prepared() -> Ground:
    from django.core.management import call_command

    call_command("setup_platform", verbosity=0)
    # Pages name their files by hash, as in production.
    call_command("build_typefaces", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from billing.invoices.models import Invoice
    from infra.tenancy.firm_context import in_firm
    from infra.tooling.bench import data
    from tenants.people.models import Contact

    ref = data.fill()
    with in_firm(ref):
        client = Contact.objects.get(email=data.EMAIL).client_id
        invoice = Invoice.objects.filter(client_id=client, status="open").first()
        assert invoice is not None  # noqa: S101
        return Ground(ref, str(client), str(invoice.pk), _postgres_pid())


def main() -> None:
    """Set up, measure, print."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    if chromium() is None:
        sys.exit("Chromium is missing: apt-get install chromium-headless-shell, or set CHROMIUM")
    with throwaway_servers() as env:
        os.environ.update(env)
        os.environ["DJANGO_SETTINGS_MODULE"] = "infra.config.settings.dev"
        os.environ["LOG_LEVEL"] = "WARNING"
        # Playwright drives the browser from a loop of its own; the queries are synchronous.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        import django

        django.setup()
        from django.conf import settings

        # The library's upgrade runner knows one connection; on these servers it may be the owner.
        settings.PROVISIONING_ALIAS = "default"
        from infra.tooling.bench import inside
        from infra.tooling.bench.upgrading import upgrading

        on, report = _prepared(), Report()
        _in_process(report, on)
        _served(report, dict(os.environ), on)
        report.add("Invoice PDF, warm", "pdf", [inside.drawing(on.ref)])
        report.add("Import of LEDES 1998B", "import", [inside.importing(on.ref)])
        report.add("Upgrade of every firm, one column", "upgrade", upgrading())


def _postgres_pid() -> int:
    """The server's own process, the parent of its backends."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    text = Path(f"/proc/{backend}/stat").read_text()
    return int(text[text.rindex(")") + 2 :].split()[1])


if __name__ == "__main__":
    main()
