"""Composition root: settings, URLs, processes. It may import everything; nobody imports it."""

from infra.config.celery import app as celery

__all__ = ["celery"]
