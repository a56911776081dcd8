"""Access of people as a Django app: sign-in, sessions, invitations, tokens."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "tenants.access"
    label = "access"

    def ready(self) -> None:
        from tenants.access import (  # noqa: F401  their mails are outbox handlers
            credential_changes,
            invitation_links,
            invitations,
            password_reset,
        )
