"""What happens to the firm's look and identity that others are told of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from infra.events.event import Event


@dataclass(frozen=True, slots=True)
class LookChanged(Event):
    """What visitors see of the firm changed: its published look or its legal identity."""

    name: ClassVar[str] = "look.changed"
