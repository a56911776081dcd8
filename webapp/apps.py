"""The people's door as a Django app: templates, static files, template tags."""

from django.apps import AppConfig


class WebappConfig(AppConfig):
    name = "webapp"
    label = "webapp"
