"""Objects of the sandbox: kept as the JSON that the API shows, one row each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from billing.gateway.sandbox.errors import SandboxRefusal, missing
from billing.gateway.sandbox.models import SandboxObject

Data = dict[str, Any]

#: Stripe's names of the kinds, with the beginning of their ids. ``demo`` marks play money everywhere.
PREFIXES = {
    "checkout.session": "cs_demo_",
    "payment_intent": "pi_demo_",
    "payment_method": "pm_demo_",
    "charge": "ch_demo_",
    "refund": "re_demo_",
    "event": "evt_demo_",
    "v2.core.account": "acct_demo",
}


def now() -> int:
    """Stripe's clock: whole seconds since 1970, UTC."""
    return int(timezone.now().timestamp())


def add(account: str, kind: str, data: Data) -> Data:
    """Keeps a new object under a new id; ``object``, ``created`` and ``livemode`` are filled in
    (a refund has no ``livemode``)."""
    object_id = PREFIXES[kind] + uuid.uuid4().hex
    whole: Data = {"id": object_id, "object": kind, "created": now(), **data}
    if kind != "refund":
        whole["livemode"] = False
    SandboxObject.objects.create(account=account, kind=kind, object_id=object_id, data=whole)
    return whole


def load(account: str, kind: str, object_id: str) -> Data:
    """An object of that account, locked until the transaction ends; raises a 404 refusal."""
    found = (
        SandboxObject.objects.select_for_update()
        .filter(account=account, kind=kind, object_id=object_id)
        .first()
    )
    if found is None:
        raise missing(kind, object_id)
    return dict(found.data)


def save(data: Data) -> None:
    """Keeps an object that was changed."""
    SandboxObject.objects.filter(object_id=data["id"]).update(data=data)


def page_of(account: str, kind: str, params: Data, url: str) -> Data:
    """A list in Stripe's shape, newest first; ``limit``, ``starting_after`` and ``created`` apply."""
    rows = SandboxObject.objects.filter(account=account, kind=kind).order_by("-id")
    if after := params.get("starting_after"):
        last = SandboxObject.objects.filter(account=account, kind=kind, object_id=after).first()
        if last is None:
            raise missing(kind, after)
        rows = rows.filter(pk__lt=last.pk)
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise SandboxRefusal("limit must be between 1 and 100", param="limit")
    created = params.get("created")
    found = [row.data for row in rows if _in_range(row.data["created"], created)][: limit + 1]
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}


def _in_range(created: int, wanted: Any) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return created == wanted
    return bool(
        wanted.get("gt", -1) < created
        and wanted.get("gte", 0) <= created
        and created < wanted.get("lt", created + 1)
        and created <= wanted.get("lte", created)
    )


def expanded(data: Data, paths: Iterable[str], account: str) -> Data:
    """``data`` with ids replaced by their objects along dotted paths (``payment_intent.latest_charge``)."""
    result = dict(data)
    for path in paths:
        place = result
        for name in path.split("."):
            if name not in place:
                raise SandboxRefusal(f"This property cannot be expanded ({name}).", param="expand")
            value = place[name]
            if isinstance(value, str):
                found = SandboxObject.objects.filter(account=account, object_id=value).first()
                if found is None:
                    raise SandboxRefusal(
                        f"This property cannot be expanded ({name}).", param="expand"
                    )
                value = place[name] = dict(found.data)
            if not isinstance(value, dict):
                break
            place = value
    return result
