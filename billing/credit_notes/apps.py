"""Credit notes as a Django app; its tables live in each firm's schema."""

from django.apps import AppConfig


class CreditNotesConfig(AppConfig):
    name = "billing.credit_notes"
    label = "credit_notes"

    def ready(self) -> None:
        from billing.credit_notes import services  # noqa: F401  its mails are handlers
