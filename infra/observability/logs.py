"""Log lines as JSON with firm, surface and request id, and nothing personal."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from infra.common.request_context import current_origin
from infra.observability.redaction import masked
from infra.tenancy.firm_context import active_firm


class ContextFilter(logging.Filter):
    """Adds the firm's id, the surface and the request id to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        firm = active_firm()
        origin = current_origin()
        # A line written after the firm was left (the request's own) brings its firm along.
        record.firm = getattr(record, "firm", "") or (str(firm.id) if firm else "")
        record.surface = origin.surface
        record.request_id = origin.request_id
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line; newlines in messages cannot forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "firm": getattr(record, "firm", ""),
            "surface": getattr(record, "surface", ""),
            "request_id": getattr(record, "request_id", ""),
            "message": masked(record.getMessage()),
        }
        for name in ("method", "path", "status", "ms", "task", "statements"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["trace"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
