"""Matters of one firm as a Django app."""

from django.apps import AppConfig


class MattersConfig(AppConfig):
    name = "tenants.matters"
    label = "matters"
