"""Colleagues: their roles, taking their access away and giving it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.actor import require
from infra.common.errors import Conflict, Invalid, NotAllowed
from infra.common.session_required import require_in_person
from infra.events.services import emit
from tenants.firms.permissions import Permission
from tenants.people.events import ColleagueDeactivated
from tenants.people.models import User
from tenants.people.policy import can_change_colleague

OWNER = User.Role.OWNER


class LastOwner(Conflict):
    """Without this person nobody would own the firm."""

    message = _("This is the only owner who can sign in. Make another colleague an owner first.")


class NotYourself(NotAllowed):
    """Nobody changes their own role or access."""

    message = _("Nobody changes their own role or access. Please ask a colleague.")


class OwnersOnly(NotAllowed):
    """Owners are made and unmade by owners."""

    message = _("Only an owner makes somebody an owner, or changes one.")


class UnknownRole(Invalid):
    """There is no such role."""

    message = _("Please choose one of the roles.")


def change_role(*, colleague: User, role: str, by: User) -> User:
    """Give a colleague another role; it counts from their next click on.

    Raises ``UnknownRole``, ``LastOwner``, ``NotYourself``, ``OwnersOnly``.
    """
    return update_colleague(colleague=colleague, changes={"role": role}, by=by)


def deactivate_colleague(*, colleague: User, by: User) -> User:
    """Take a colleague's access away: their sessions and API tokens end at once.

    What they wrote stays. Raises ``LastOwner``, ``NotYourself``, ``OwnersOnly``.
    """
    return update_colleague(colleague=colleague, changes={"is_active": False}, by=by)


def reactivate_colleague(*, colleague: User, by: User) -> User:
    """Let a colleague sign in again, with the role they had; their API tokens stay withdrawn.

    Raises ``NotYourself``, ``OwnersOnly``.
    """
    return update_colleague(colleague=colleague, changes={"is_active": True}, by=by)


def update_colleague(*, colleague: User, changes: Mapping[str, Any], by: User) -> User:
    """Change ``role`` and ``is_active`` of a colleague in one go, each as its own verb does."""
    require(by.may(Permission.MANAGE_STAFF))
    require_in_person(by)
    if "role" in changes and changes["role"] not in User.Role.values:
        raise UnknownRole(fields={"role": [str(UnknownRole.message)]})
    with transaction.atomic():
        current, actor = _locked(colleague, by)
        role = changes.get("role", current.role)
        active = changes.get("is_active", current.is_active)
        if (role, active) == (current.role, current.is_active):
            return current
        yourself = current.pk == actor.pk
        if not yourself and not can_change_colleague(actor, current, role):
            raise OwnersOnly
        _require_owner_left(current, role, active)
        if yourself:
            raise NotYourself
        if role != current.role:
            _set_role(current, role, actor)
        if active != current.is_active:
            (_reactivate if active else _deactivate)(current, actor)
    return current


def _locked(colleague: User, by: User) -> tuple[User, User]:
    """Both as they are now. All owners are locked, so that two of them cannot unmake each other."""
    wanted = Q(pk__in=[colleague.pk, by.pk]) | Q(role=OWNER)
    found = {
        user.pk: user
        for user in User.objects.select_for_update()
        .filter(wanted, kind=User.Kind.STAFF)
        .order_by("pk")
    }
    actor = found.get(by.pk)
    if actor is None or colleague.pk not in found or not actor.may(Permission.MANAGE_STAFF):
        raise NotAllowed
    return found[colleague.pk], actor


def _require_owner_left(colleague: User, role: str, active: bool) -> None:
    is_owner = colleague.role == OWNER and colleague.is_active
    if not is_owner or (role == OWNER and active):
        return
    others = User.objects.filter(kind=User.Kind.STAFF, role=OWNER, is_active=True)
    if not others.exclude(pk=colleague.pk).exists():
        raise LastOwner


def _set_role(colleague: User, role: str, by: User) -> None:
    meta = {"from": colleague.role, "to": role}
    colleague.role = role
    colleague.save(update_fields=["role"])
    record_event("colleague.role_changed", by=by, about=colleague, meta=meta)


def _deactivate(colleague: User, by: User) -> None:
    colleague.is_active = False
    colleague.save(update_fields=["is_active"])
    record_event("colleague.deactivated", by=by, about=colleague)
    emit(ColleagueDeactivated(colleague=colleague.pk, by=by.pk))


def _reactivate(colleague: User, by: User) -> None:
    colleague.is_active = True
    colleague.save(update_fields=["is_active"])
    record_event("colleague.reactivated", by=by, about=colleague)
