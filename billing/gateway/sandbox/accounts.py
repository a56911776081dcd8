"""Accounts of firms (Stripe's second API) and the page where a firm completes its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from billing.gateway.sandbox import store
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.store import Data

KIND = "v2.core.account"
# Where an account keeps its last onboarding link; as all names of ours, it is never shown.
LINK = "_onboarding"
_PARTS = ("configuration", "requirements", "identity", "defaults")


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def site_url(path: str) -> str:
    """An address on the platform's own host."""
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT not in ("", "80", "443") else ""
    return f"{settings.PUBLIC_SCHEME}://{settings.PLATFORM_DOMAIN}{port}{path}"


def exists(account: str) -> bool:
    return SandboxObject.objects.filter(kind=KIND, object_id=account).exists()


def create(params: Data) -> Data:
    """A new account that still has to be completed."""
    merchant: Data = (params.get("configuration") or {}).get("merchant") or {}
    data = store.add(
        "",
        KIND,
        {
            "created": _iso(datetime.now(UTC)),
            "applied_configurations": ["merchant"],
            "closed": False,
            "configuration": {
                "merchant": {
                    "applied": True,
                    "capabilities": {
                        name: {"status": "restricted", "status_details": []}
                        for name, wanted in (merchant.get("capabilities") or {}).items()
                        if wanted.get("requested")
                    },
                }
            },
            "contact_email": params.get("contact_email"),
            "dashboard": params.get("dashboard", "none"),
            "defaults": params.get("defaults"),
            "display_name": params.get("display_name"),
            "identity": params.get("identity"),
            "metadata": params.get("metadata") or {},
            "requirements": {
                "entries": [
                    _requirement("identity.business_details.registered_name"),
                    _requirement("configuration.merchant.bank_account"),
                ]
            },
        },
    )
    return _shown(data, params.get("include") or [])


def _requirement(description: str) -> Data:
    return {
        "awaiting_action_from": "user",
        "description": description,
        "errors": [],
        "impact": {"restricts_capabilities": [{"capability": "card_payments"}]},
        "minimum_deadline": {"status": "currently_due"},
    }


def retrieve(account: str, params: Data) -> Data:
    return _shown(store.load("", KIND, account), params.get("include") or [])


def _shown(data: Data, include: list[str]) -> Data:
    """Parts that were not asked for are null, as in Stripe's second API."""
    wanted = {part.partition(".")[0] for part in include}
    return {
        name: None if name in _PARTS and name not in wanted else value
        for name, value in data.items()
        if not name.startswith("_")
    }


LINK_LIFE = timedelta(minutes=5)


def create_link(params: Data) -> Data:
    """A page for one use, good for ``LINK_LIFE``, as at Stripe."""
    account = params["account"]
    data = store.load("", KIND, account)
    use_case: Data = params["use_case"]
    if "account_onboarding" not in use_case:
        raise SandboxRefusal("use_case[account_onboarding] is required", param="use_case")
    moment = datetime.now(UTC)
    expires_at = _iso(moment + LINK_LIFE)
    asked: Data = use_case["account_onboarding"]
    data[LINK] = {
        "return_url": asked.get("return_url") or asked["refresh_url"],
        "refresh_url": asked["refresh_url"],
        "expires_at": expires_at,
        "used": False,
    }
    store.save(data)
    return {
        "account": account,
        "created": _iso(moment),
        "expires_at": expires_at,
        "livemode": False,
        "object": "v2.core.account_link",
        "url": site_url(f"/sandbox/onboarding/{account}/"),
        "use_case": use_case,
    }


def complete(account: str) -> None:
    """The firm answered everything: all requested capabilities become active."""
    data = store.load("", KIND, account)
    capabilities: dict[str, Any] = data["configuration"]["merchant"]["capabilities"]
    for capability in capabilities.values():
        capability["status"] = "active"
    data["requirements"] = {"entries": []}
    store.save(data)


def require_card_payments(account: str) -> None:
    """Refuses, as Stripe does, to take payments for an account that is not complete."""
    data = store.load("", KIND, account)
    capabilities = data["configuration"]["merchant"]["capabilities"]
    if capabilities.get("card_payments", {}).get("status") != "active":
        raise SandboxRefusal(
            "Your account cannot currently make live charges: the card_payments capability is not active.",
            code="account_capability_inactive",
        )
