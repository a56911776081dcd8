"""Create timekeepers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from billing.invoices.models import Timekeeper
from infra.audit.services import record_events
from infra.common.actor import Actor, require
from infra.common.errors import Invalid, fields_under
from infra.tenancy.firm_settings import require_valid
from tenants.firms.permissions import Permission

TIMEKEEPER_FIELDS = ["code", "name", "classification"]


class TimekeeperCodeTaken(Invalid):
    """Another timekeeper has this code."""

    message = _("Another timekeeper has this code already.")


def create_timekeepers(*, timekeepers: Sequence[Timekeeper], by: Actor) -> None:
    """Many new timekeepers (unsaved rows) at once, all or none.

    Raises ``TimekeeperCodeTaken`` and ``Invalid``; their ``fields`` start with
    ``timekeepers[<its code>]``.
    """
    require(by.may(Permission.MANAGE_BILLS))
    for keeper in timekeepers:
        with fields_under(f"timekeepers[{keeper.code}]"):
            require_valid(keeper, TIMEKEEPER_FIELDS)
    try:
        with transaction.atomic():
            Timekeeper.objects.bulk_create(timekeepers)
            record_events("timekeeper.created", by=by, about=[(one, None) for one in timekeepers])
    except IntegrityError as error:
        raise _taken(timekeepers) from error


def _taken(timekeepers: Sequence[Timekeeper]) -> TimekeeperCodeTaken:
    codes = [keeper.code for keeper in timekeepers]
    taken = set(Timekeeper.objects.filter(code__in=codes).values_list("code", flat=True))
    taken |= {code for code, times in Counter(codes).items() if times > 1}
    why = [str(TimekeeperCodeTaken.message)]
    return TimekeeperCodeTaken(fields={f"timekeepers[{code}].code": why for code in sorted(taken)})
