"""The pages: one row for each address and method."""

from __future__ import annotations

from tests.isolation.rows import (
    ANYONE,
    BILLERS,
    CLIENT,
    CONTACT,
    LINES,
    MANAGERS,
    MAPPING,
    NEW_CLIENT,
    NEW_MATTER,
    NEW_PASSWORD,
    OLD_PASSWORD,
    OPERATOR,
    PERSON,
    PORTAL,
    STAFF,
    Row,
    reads,
    reads_and_writes,
    writes,
)

FACTOR = {"old_password": OLD_PASSWORD, "code": "000000"}


def _doors(surface: str, signed_in: frozenset[str]) -> list[Row]:
    """What every surface with a sign-in has."""
    wrong = {"email": "nobody@example.test", "password": "wrong"}
    return [
        *reads_and_writes(surface, "sign-in", ANYONE, body=wrong, answers=(422,)),
        writes(
            surface,
            "sign-in-code",
            ANYONE,
            body={"pending": "@pending", "code": "000000"},
            answers=(422,),
        ),
        *reads_and_writes(surface, "unlock", ANYONE, "unlock"),
        writes(surface, "sign-out", ANYONE),
        *reads_and_writes(
            surface, "forgot-password", ANYONE, body={"email": "nobody@example.test"}
        ),
        *reads_and_writes(surface, "new-password", ANYONE, "reset", {"password": NEW_PASSWORD}),
        *reads_and_writes(surface, "profile", signed_in, body=PERSON),
        *reads_and_writes(
            surface,
            "password",
            signed_in,
            body={"old_password": OLD_PASSWORD, "password": NEW_PASSWORD},
        ),
        writes(surface, "theme", signed_in, body={"theme": "dark", "next": "/"}),
        *reads_and_writes(surface, "factor", signed_in, body=FACTOR, answers=(422,)),
        *reads_and_writes(surface, "remove-factor", signed_in, body=FACTOR, answers=(422,)),
        writes(surface, "end-session", signed_in, "session", quiet=True),
        writes(surface, "end-other-sessions", signed_in),
        *_brand(surface),
    ]


def _brand(surface: str) -> list[Row]:
    return [
        reads(surface, "brand-stylesheet", ANYONE, "stylesheet"),
        reads(surface, "brand-image", ANYONE, "image"),
    ]


def _invitations(surface: str) -> list[Row]:
    thing = f"way_in_{surface}"
    body = {"name": "New Person", "password": NEW_PASSWORD}
    return [
        *reads_and_writes(surface, "accept-invitation", ANYONE, thing, body),
        writes(surface, "renew-invitation", ANYONE, thing, quiet=True),
    ]


PORTAL_PAGES = [
    reads("portal", "home", CLIENT),
    reads("portal", "invoices", CLIENT),
    reads("portal", "invoice", CLIENT, "invoice"),
    reads("portal", "invoice-pdf", CLIENT, "invoice"),
    reads("portal", "credit-note-pdf", CLIENT, "credit_note"),
    *reads_and_writes("portal", "pay", CLIENT, "invoice", {"amount": "50.00"}),
    reads("portal", "payments", CLIENT),
    reads("portal", "payment", CLIENT, "payment"),
    reads("portal", "receipt", CLIENT, "payment"),
    reads("portal", "viewing-only", CLIENT),
    reads("portal", "viewing-ended", ANYONE),
    reads("portal", "open-viewing", ANYONE, "ticket", spends=True),
    writes("portal", "leave-viewing", ANYONE),
    *_doors("portal", CLIENT),
    *_invitations("portal"),
]

CONSOLE_PAGES = [
    reads("console", "home", STAFF),
    reads("console", "search", STAFF),
    reads("console", "clients", STAFF),
    *reads_and_writes("console", "new-client", STAFF, body=NEW_CLIENT),
    reads("console", "client", STAFF, "client"),
    *reads_and_writes("console", "edit-client", STAFF, "client", NEW_CLIENT),
    *reads_and_writes("console", "new-contact", STAFF, "client", CONTACT),
    *reads_and_writes("console", "edit-contact", STAFF, "contact", CONTACT),
    writes("console", "assign-attorney", STAFF, "client", {"attorney": "@attorney"}),
    writes("console", "unassign-attorney", STAFF, "client", {"attorney": "@attorney"}),
    *reads_and_writes("console", "new-matter", STAFF, "client", NEW_MATTER),
    *reads_and_writes("console", "edit-matter", STAFF, "matter", NEW_MATTER),
    writes("console", "close-matter", STAFF, "matter"),
    writes("console", "reopen-matter", STAFF, "matter"),
    writes("console", "invite", STAFF, "contact"),
    writes("console", "view-as", STAFF, "contact", {"invoice": "@invoice"}),
    writes("console", "revoke-invitation", STAFF, "invitation"),
    reads("console", "invoices", STAFF),
    *reads_and_writes(
        "console",
        "new-invoice",
        BILLERS,
        body={"do": "create", "client": "@client", "currency": "EUR", **LINES},
    ),
    *reads_and_writes("console", "send-invoices", BILLERS, body={"pick": ["@invoice"]}, quiet=True),
    reads("console", "invoice", STAFF, "invoice"),
    *reads_and_writes(
        "console",
        "edit-invoice",
        BILLERS,
        "draft",
        {"do": "save", "version": "@draft_version", **LINES},
    ),
    reads("console", "invoice-pdf", STAFF, "invoice"),
    *reads_and_writes("console", "send-invoice", BILLERS, "invoice"),
    writes("console", "share-invoice", BILLERS, "invoice"),
    writes("console", "unshare-invoice", BILLERS, "invoice"),
    *reads_and_writes("console", "void-invoice", BILLERS, "invoice", {"reason": "Wrong client"}),
    *reads_and_writes("console", "write-off-invoice", BILLERS, "invoice", {"reason": "Agreed"}),
    *reads_and_writes(
        "console",
        "credit-invoice",
        BILLERS,
        "invoice",
        {"do": "whole", "seen": "0", "reason": "No"},
    ),
    reads("console", "credit-notes", STAFF),
    reads("console", "credit-note-pdf", STAFF, "credit_note"),
    *reads_and_writes("console", "delete-draft", BILLERS, "draft"),
    reads("console", "payments", STAFF),
    reads("console", "payment", STAFF, "payment"),
    reads("console", "receipt", STAFF, "payment"),
    *reads_and_writes("console", "imports", BILLERS, body={"file": "#bills", "format": "csv"}),
    reads("console", "import", BILLERS, "import"),
    *reads_and_writes("console", "import-mapping", BILLERS, "import", MAPPING),
    writes("console", "run-import", BILLERS, "import"),
    *reads_and_writes(
        "console",
        "branding",
        MANAGERS,
        body={"colour": "#123456", "corner": "soft", "typeface": "system"},
    ),
    reads("console", "branding-preview", MANAGERS),
    reads("console", "branding-preview-css", MANAGERS),
    writes("console", "publish-brand", MANAGERS),
    writes("console", "restore-brand", MANAGERS, "brand"),
    *reads_and_writes("console", "settings", MANAGERS, body=PORTAL),
    *reads_and_writes(
        "console", "identity", MANAGERS, body={"company_name": "New Name", "address": "Street 1"}
    ),
    *reads_and_writes(
        "console",
        "people",
        MANAGERS,
        body={"name": "New", "email": "new@example.test", "role": "attorney"},
    ),
    *reads_and_writes("console", "colleague", MANAGERS, "colleague", {"role": "billing"}),
    writes("console", "deactivate-colleague", MANAGERS, "colleague"),
    writes("console", "reactivate-colleague", MANAGERS, "colleague"),
    writes("console", "revoke-staff-invitation", MANAGERS, "staff_invitation"),
    *reads_and_writes("console", "payment-settings", MANAGERS, body={"do": "look"}),
    *reads_and_writes(
        "console",
        "tokens",
        MANAGERS,
        body={"name": "New", "scopes": "read", "old_password": OLD_PASSWORD},
    ),
    writes("console", "revoke-token", MANAGERS, "token"),
    *_doors("console", STAFF),
    *_invitations("console"),
]

OPERATOR_PAGES = [
    reads("operator", "home", OPERATOR),
    reads("operator", "firm", OPERATOR, "firm"),
    *reads_and_writes("operator", "suspend-firm", OPERATOR, "firm", {"reason": "unpaid"}),
    writes("operator", "reactivate-firm", OPERATOR, "firm"),
    reads("operator", "failures", OPERATOR),
    writes("operator", "retry-task", OPERATOR, "task"),
    writes("operator", "retry-event", OPERATOR, "event"),
    *_doors("operator", OPERATOR),
]

PLATFORM_PAGES = [
    reads("platform", "home", ANYONE),
    *reads_and_writes(
        "platform",
        "sign-up",
        ANYONE,
        body={
            "firm_name": "Delta",
            "slug": "delta",
            "country": "BE",
            "language": "en",
            "owner_name": "Dora",
            "owner_email": "dora@delta.test",
        },
    ),
    *reads_and_writes("platform", "confirm-sign-up", ANYONE, "sign_up"),
    writes("platform", "gateway-hook", ANYONE, "provider", answers=(400,), signed=True),
    reads("platform", "livez", ANYONE),
    reads("platform", "readyz", ANYONE),
    *reads_and_writes("platform", "sandbox-onboarding", ANYONE, "onboarding", {"do": "leave"}),
    *reads_and_writes("platform", "sandbox-checkout", ANYONE, "checkout", {"do": "leave"}),
]

SUSPENDED_PAGES = [
    *_brand("suspended"),
    *[
        Row("suspended", "suspended", method, ANYONE, answers=(503,), path="/anything/")
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    ],
]
