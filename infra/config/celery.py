"""The Celery application; tasks live in the rooms."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infra.config.settings.production")
app = Celery("portico", task_cls="infra.events.tasks:PorticoTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
