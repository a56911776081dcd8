"""Error reports without personal data: bodies, cookies, names, addresses and locals stay here."""

from __future__ import annotations

import re
from typing import Any

from infra.observability.redaction import masked

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
SECRET = re.compile(r"(?i)(token|key|secret|password|code|signature)=[^&\s]+")
KEPT_HEADERS = {"host", "user-agent", "content-type", "accept-language"}


def _clean(text: str) -> str:
    return SECRET.sub(r"\1=[removed]", EMAIL.sub("[address]", masked(text)))


def _clean_frames(container: dict[str, Any]) -> None:
    for frame in (container.get("stacktrace") or {}).get("frames", []):
        frame.pop("vars", None)


def scrubbed(event: Any, hint: dict[str, Any]) -> Any:
    """Sentry's ``before_send``: removes what could name a person or open a door."""
    event.pop("user", None)
    event.pop("server_name", None)
    request = event.get("request")
    if request:
        for part in ("data", "cookies", "env", "query_string"):
            request.pop(part, None)
        headers = request.get("headers") or {}
        request["headers"] = {
            name: value for name, value in headers.items() if name.lower() in KEPT_HEADERS
        }
        if "url" in request:
            request["url"] = _clean(request["url"].split("?")[0])
    for value in (event.get("exception") or {}).get("values", []):
        value["value"] = _clean(str(value.get("value", "")))
        _clean_frames(value)
    for value in (event.get("threads") or {}).get("values", []):
        _clean_frames(value)
    for part in ("message", "transaction"):
        if event.get(part):
            event[part] = _clean(str(event[part]))
    entry = event.get("logentry")
    if entry:
        entry.pop("params", None)
        entry["message"] = _clean(str(entry.get("message", "")))
        if "formatted" in entry:
            entry["formatted"] = _clean(str(entry["formatted"]))
    event.pop("breadcrumbs", None)
    event.pop("extra", None)
    return event
