"""Events as a Django app: it owns the tables of stored events and their deliveries."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "infra.events"
    label = "events"
