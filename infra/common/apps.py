"""The shared ground as a Django app: it owns the outbox table."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "infra.common"
    label = "common"

    def ready(self) -> None:
        from infra.common.outbox import tasks  # noqa: F401  registers the relay with the worker
