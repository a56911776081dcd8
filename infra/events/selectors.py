"""What was emitted lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from infra.events.event import Event
from infra.events.models import StoredEvent


def was_emitted(event: type[Event], *, within: timedelta, **values: Any) -> bool:
    """Whether the firm stored such an event within the time, with these JSON values as fields."""
    wanted = {f"payload__{name}": value for name, value in values.items()}
    since = timezone.now() - within
    return StoredEvent.objects.filter(name=event.name, created_at__gt=since, **wanted).exists()
