"""Events as a Django app: it owns the outbox table."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "infra.events"
    label = "events"

    def ready(self) -> None:
        from infra.events import relay_tasks  # noqa: F401  registers the relay with the worker
