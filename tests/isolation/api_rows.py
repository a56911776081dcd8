"""The API: one row for each address and method."""

from __future__ import annotations

from tests.isolation.rows import (
    ANYONE,
    BILLERS,
    CLIENT,
    CONTACT,
    MANAGERS,
    NEW_CLIENT,
    NEW_MATTER,
    NEW_PASSWORD,
    OLD_PASSWORD,
    STAFF,
    Row,
    reads,
    writes,
)


def _api_account(surface: str, who: frozenset[str]) -> list[Row]:
    wrong = {"email": "nobody@example.test", "password": "wrong"}
    change = {"old_password": OLD_PASSWORD, "new_password": NEW_PASSWORD}
    return [
        reads(surface, "api:auth:csrf", ANYONE),
        writes(surface, "api:auth:login", ANYONE, body=wrong, answers=(422,)),
        writes(surface, "api:auth:logout", who),
        reads(surface, "api:auth:user", who),
        Row(surface, "api:auth:user", "PATCH", who, body={"name": "New Name"}),
        writes(surface, "api:auth:password-change", who, body=change),
        writes(surface, "api:auth:password-reset", ANYONE, body={"email": "nobody@example.test"}),
        writes(
            surface,
            "api:auth:password-reset-confirm",
            ANYONE,
            body={"token": "@reset", "new_password": NEW_PASSWORD},
        ),
        reads(surface, "api-schema", ANYONE),
        reads(surface, "api-docs", ANYONE),
    ]


def api_rows(surface: str, who: frozenset[str]) -> list[Row]:
    """What both hosts offer; clients read their own and pay, staff do the rest."""
    bills = who & BILLERS
    line = {
        "kind": "time",
        "description": "Advice",
        "quantity": "1",
        "unit_price": "100",
        "vat_rate": "21",
    }
    draft = {"client": "@client", "currency": "EUR", "lines": [line]}
    change = {"version": "@draft_version", "subject": "New Subject", "lines": [line]}
    return [
        *_api_account(surface, who),
        reads(surface, "api:brand", who),
        Row(surface, "api:brand", "PATCH", who & MANAGERS, body={"colour": "#123456"}),
        reads(surface, "api:client-list", who),
        writes(surface, "api:client-list", who & STAFF, body=NEW_CLIENT),
        reads(surface, "api:client-detail", who, "client"),
        Row(surface, "api:client-detail", "PATCH", who & STAFF, "client", {"name": "New Name"}),
        reads(surface, "api:client-attorneys", who & STAFF, "client"),
        writes(surface, "api:client-assign", who & STAFF, "client", {"attorney": "@attorney"}),
        writes(surface, "api:client-unassign", who & STAFF, "client", {"attorney": "@attorney"}),
        reads(surface, "api:matter-list", who),
        writes(surface, "api:matter-list", who & STAFF, body={"client": "@client", **NEW_MATTER}),
        reads(surface, "api:matter-detail", who, "matter"),
        Row(surface, "api:matter-detail", "PATCH", who & STAFF, "matter", {"title": "New Title"}),
        writes(surface, "api:matter-close", who & STAFF, "matter"),
        writes(surface, "api:matter-reopen", who & STAFF, "matter"),
        reads(surface, "api:invoice-list", who),
        writes(surface, "api:invoice-list", bills, body=draft),
        reads(surface, "api:invoice-detail", who, "invoice"),
        Row(surface, "api:invoice-detail", "PATCH", bills, "draft", change),
        Row(surface, "api:invoice-detail", "DELETE", bills, "draft"),
        reads(surface, "api:invoice-pdf", who, "invoice"),
        writes(surface, "api:invoice-issue", bills, "draft"),
        writes(surface, "api:invoice-send", bills, "invoice"),
        writes(surface, "api:invoice-share", bills, "invoice"),
        writes(surface, "api:invoice-unshare", bills, "invoice"),
        writes(surface, "api:invoice-void", bills, "invoice", {"reason": "Wrong client"}),
        writes(surface, "api:invoice-write-off", bills, "invoice", {"reason": "Agreed"}),
        writes(surface, "api:invoice-payments", who & CLIENT, "invoice", {"amount": "50.00"}),
        reads(surface, "api:credit-note-list", who),
        writes(
            surface,
            "api:credit-note-list",
            bills,
            body={"invoice": "@invoice", "reason": "Billed twice"},
        ),
        reads(surface, "api:credit-note-detail", who, "credit_note"),
        reads(surface, "api:credit-note-pdf", who, "credit_note"),
        reads(surface, "api:payment-list", who),
        reads(surface, "api:payment-detail", who, "payment"),
        reads(surface, "api:payment-receipt", who, "payment"),
    ]


CONSOLE_API = [
    *api_rows("console", STAFF),
    reads("console", "api:contact-list", STAFF),
    writes("console", "api:contact-list", STAFF, body={"client": "@client", **CONTACT}),
    reads("console", "api:contact-detail", STAFF, "contact"),
    Row("console", "api:contact-detail", "PATCH", STAFF, "contact", {"name": "New Name"}),
    reads("console", "api:invitation-list", STAFF),
    writes("console", "api:invitation-list", STAFF, body={"contact": "@contact"}),
    reads("console", "api:invitation-detail", STAFF, "invitation"),
    writes("console", "api:invitation-resend", STAFF, "invitation"),
    writes("console", "api:invitation-revoke", STAFF, "invitation"),
    reads("console", "api:colleague-list", STAFF),
    reads("console", "api:colleague-detail", STAFF, "colleague"),
    Row("console", "api:colleague-detail", "PATCH", MANAGERS, "colleague", {"role": "billing"}),
    # The list is there for all of the staff; for those without the right it is empty.
    reads("console", "api:import-list", STAFF),
    writes("console", "api:import-list", BILLERS, body={"file": "#bills", "format": "csv"}),
    reads("console", "api:import-detail", BILLERS, "import"),
    writes("console", "api:import-run", BILLERS, "import"),
    reads("console", "api:token-list", MANAGERS),
    writes(
        "console",
        "api:token-list",
        MANAGERS,
        body={"name": "New", "scopes": ["read"], "old_password": OLD_PASSWORD},
    ),
    Row("console", "api:token-detail", "DELETE", MANAGERS, "token"),
    writes("console", "api:brand-publish", MANAGERS),
    reads("console", "api:portal-settings", MANAGERS),
    Row("console", "api:portal-settings", "PATCH", MANAGERS, body={"idle_minutes": 20}),
]
