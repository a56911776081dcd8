"""``python -m infra.bench``: everything, on servers of its own."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.services.throwaway import throwaway_servers

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "infra" / "bench" / "results"
PORT, PEER_PORT = 8471, 8472
LIST = "/api/v1/invoices/?status=overdue&ordering=due_date&page_size=25"


def _print(title: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n## {title}\n")
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


def _keep(name: str, rows: Any) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(rows, indent=2) + "\n")


def _http(env: Mapping[str, str], ref: Any, keys: tuple[str, str], postgres: int) -> None:
    from infra.bench.data import EMAIL, PASSWORD
    from infra.bench.http_load import measure, served, sign_in

    own = {**env, "PORTICO_PORT": str(PORT), "LOG_LEVEL": "WARNING"}
    peer = {**env, "BENCH_SCHEMA": ref.schema, "BENCH_CLIENT": keys[0], "BENCH_INVOICE": keys[1]}
    rows = []
    with (
        served("infra.config.wsgi:application", PORT, own) as one,
        served("infra.bench.plain_server:application", PEER_PORT, peer) as two,
    ):
        headers = {
            "Host": f"{ref.portal_host}:{PORT}",
            "Cookie": sign_in(PORT, ref.portal_host, EMAIL, PASSWORD),
        }
        cases = [
            ("invoice list, API", LIST, "/"),
            ("one invoice, API", f"/api/v1/invoices/{keys[1]}/", "/one"),
            ("invoice list, page", "/invoices/?status=overdue", "/"),
            ("dashboard, page", "/", "/"),
        ]
        for connections in (8, 32):
            for name, path, other in cases:
                ours = measure(
                    f"http://127.0.0.1:{PORT}{path}", headers, connections, {one, postgres}
                )
                plain = measure(
                    f"http://127.0.0.1:{PEER_PORT}{other}", {}, connections, {two, postgres}
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
    _print("HTTP, beside a plain psycopg + JSON server", rows)
    _keep("http", rows)


def main() -> None:
    """Set up, measure, print."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    with throwaway_servers() as env:
        os.environ.update(env)
        os.environ["DJANGO_SETTINGS_MODULE"] = "infra.config.settings.dev"
        os.environ["LOG_LEVEL"] = "WARNING"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("setup_platform", verbosity=0)
        # Pages name their files by hash, as in production.
        call_command("build_typefaces", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        from billing.invoices.models import Invoice
        from infra.bench import data, inside
        from infra.common.firm_context import in_firm
        from tenants.people.models import Contact

        ref = data.fill()
        with in_firm(ref):
            client = Contact.objects.get(email=data.EMAIL).client_id
            invoice = Invoice.objects.filter(client_id=client).first()
            assert invoice is not None  # noqa: S101
            keys = (str(client), str(invoice.pk))
        _http(dict(os.environ), ref, keys, _postgres_pid())
        for title, name, rows in (
            ("Invoice PDF, warm", "pdf", [inside.drawing(ref)]),
            ("Import of LEDES 1998B", "import", [inside.importing(ref)]),
            ("Opening a firm", "firms", inside.opening()),
            ("Upgrade of every firm, one column", "upgrade", [inside.upgrading()]),
        ):
            _print(title, rows)
            _keep(name, rows)


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
