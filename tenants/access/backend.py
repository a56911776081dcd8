"""Address and password as Django asks for them, for people of one kind."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from tenants.people.models import User


class KindBackend(ModelBackend):
    """The right password of somebody of another kind is a wrong one.

    Django then says so to everybody who counts failures, after the same time.
    """

    def authenticate(  # type: ignore[override]
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        kind: str | None = None,
        **more: Any,
    ) -> User | None:
        user: Any = super().authenticate(request, username, password, **more)
        return user if user is not None and user.kind == kind else None
