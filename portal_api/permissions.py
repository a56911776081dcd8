"""The API's gates; what a person may do with a thing is asked of the rooms' policies."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from infra.common.errors import NotAllowed
from infra.common.session_required import require_session
from tenants.access.models import ApiToken
from tenants.access.sign_in import must_enrol
from tenants.people.models import User
from tenants.people.roles import KIND_OF_SURFACE


def caller(request: Request) -> User:
    """The signed-in person; only behind a permission that demands one."""
    return cast(User, request.user)


class EnrolmentRequired(NotAllowed):
    """The firm demands a second factor that this person has not set up yet."""

    code = "second_factor_enrolment_required"
    message: ClassVar[str] = "Please set up your authenticator app first."


class ScopeMissing(NotAllowed):
    """The API token may read only."""

    message: ClassVar[str] = "This token may not change anything."


class SignedIn(BasePermission):
    """A person of this surface, with the second factor the firm demands, within the token's scopes."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        user = caller(request)
        if user.kind != KIND_OF_SURFACE.get(getattr(request, "surface", "")):
            return False
        token = request.auth
        if isinstance(token, ApiToken):
            needed = "read" if request.method in SAFE_METHODS else "write"
            if needed not in token.scopes and "write" not in token.scopes:
                raise ScopeMissing
        elif must_enrol(user):
            raise EnrolmentRequired
        return True


class Staff(SignedIn):
    """Staff on the console only."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and caller(request).kind == User.Kind.STAFF


class InPerson(SignedIn):
    """Reading by anyone signed in; changes by a person with a session, never by an API token.

    The rooms require it themselves; here it is asked before a word of the input is read.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if request.method not in SAFE_METHODS:
            require_session(caller(request))
        return True
