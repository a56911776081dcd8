"""Credit notes as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class CreditNotesConfig(AppConfig):
    name = "billing.credit_notes"
    label = "credit_notes"

    def ready(self) -> None:
        # Registered when imported: its subscribers, and that its numbers lead to invoices.
        from billing.credit_notes import notices, search  # noqa: F401
