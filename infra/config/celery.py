"""The Celery application; tasks live in the rooms, and so do their times."""

import os
from typing import Any

from celery import Celery
from celery.signals import import_modules

from infra.events.schedules import beat_schedule

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "infra.config.settings.production")
app = Celery("portico", task_cls="infra.events.task_base:PorticoTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


# After autodiscovery, which waits for the same signal: tasks have declared their times by then.
@import_modules.connect(sender=app, weak=False)
def set_beat_schedule(**_kwargs: Any) -> None:
    """Let the clock send what rooms declared with ``every`` and ``daily``."""
    app.conf.beat_schedule = beat_schedule()
