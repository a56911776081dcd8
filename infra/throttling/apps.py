"""Limits as a Django app; the counters live in the public schema."""

from django.apps import AppConfig


class ThrottlingConfig(AppConfig):
    name = "infra.throttling"
    label = "throttling"
