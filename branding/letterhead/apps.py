"""The look as pages and mails show it, as a Django app; it has no tables."""

from django.apps import AppConfig


class LetterheadConfig(AppConfig):
    name = "branding.letterhead"
    label = "letterhead"

    def ready(self) -> None:
        from branding.letterhead import published  # noqa: F401  registers its subscriber
