"""The table of addresses and sign-ins that a person reads when everything is up."""

from collections.abc import Iterable, Sequence
from typing import Any

from infra.tooling.smoke import is_client
from infra.tooling.stack.progress import elapsed, plain


def print_state(problems: Sequence[str]) -> None:
    """Say that the demo is ready, or what keeps it from being so."""
    plain()
    print_problems(problems)
    if problems:
        plain("It keeps running so that you can look at it.")
    else:
        plain(f"Portico is ready ({elapsed()} s).")


def print_facts(facts: dict[str, Any]) -> None:
    """Print addresses, and who may sign in where."""
    plain()
    for row in align(_addresses(facts)):
        plain(f"  {row}")
    for firm in facts.get("firms", []):
        plain()
        plain(f"  {firm.get('name', '?')}")
        for row in align(_sign_ins(firm)):
            plain(f"    {row}")
    plain()
    plain("  Everything above, for scripts: .state/demo.json    Logs: .state/logs")
    plain("  Ctrl-C stops it. ./infra/up starts it again with the same data.")


def print_problems(problems: Sequence[str]) -> None:
    """Print what the smoke check found, if anything."""
    if problems:
        plain("NOT READY. The check of the main job found:")
        for problem in problems:
            plain(f"  - {problem}")


def align(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as lines whose columns stand under each other."""
    table = [list(row) for row in rows]
    columns = max((len(row) for row in table), default=0)
    for row in table:
        row.extend([""] * (columns - len(row)))
    widths = [max(len(row[index]) for row in table) for index in range(columns)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def _addresses(facts: dict[str, Any]) -> list[list[str]]:
    operator = facts.get("operator") or {}
    return [
        ["Platform", facts["platform_url"]],
        ["Operator", facts["operator_url"], *_credentials(operator)],
        ["Mail", facts["mail_url"]],
    ]


def _sign_ins(firm: dict[str, Any]) -> list[list[str]]:
    rows, last = [], ""
    people = sorted(firm.get("people", []), key=is_client)  # staff first
    for person in people:
        address = firm.get("portal_url" if is_client(person) else "console_url", "")
        shown = "" if address == last else address
        rows.append([shown, str(person.get("role", "")), *_credentials(person)])
        last = address
    return rows


def _credentials(person: dict[str, Any]) -> list[str]:
    cells = [str(person.get("email", "")), str(person.get("password", ""))]
    if secret := person.get("totp_secret"):
        cells.append(f"authenticator key {secret}")
    return [cell for cell in cells if cell]
