"""People of one firm as a Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "tenants.people"
    label = "people"

    def ready(self) -> None:
        from tenants.people import invitations, profile  # noqa: F401  their mails are handlers
