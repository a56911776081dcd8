"""People of one firm as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tenants.people"
    label = "people"

    def ready(self) -> None:
        from tenants.people import (  # noqa: F401  their mails are handlers
            invitations,
            profile,
            safeguards,
        )
