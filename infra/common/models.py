"""Tables of the ground, in every firm's schema."""

from infra.common.outbox.models import OutboxMessage

__all__ = ["OutboxMessage"]
