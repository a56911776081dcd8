"""Access of people as a Django app: sign-in, sessions, invitations, tokens."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "tenants.access"
    label = "access"

    def ready(self) -> None:
        from tenants.access import notices, people_changes  # noqa: F401  registers subscribers
