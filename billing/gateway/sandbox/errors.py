"""Refusals in Stripe's shape."""

from __future__ import annotations

from typing import Any


class SandboxRefusal(Exception):
    """An answer other than 200, with Stripe's type, code and wording."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str = "",
        param: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        error: dict[str, Any] = {"type": type, "message": message}
        if code:
            error["code"] = code
        if param:
            error["param"] = param
        self.body: dict[str, Any] = {"error": error}


def missing(kind: str, object_id: str) -> SandboxRefusal:
    """There is no such object, or it is another account's: Stripe does not tell which."""
    return SandboxRefusal(
        f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param="id"
    )
