"""The wire of Stripe's library, replaced: a call ends here, in our own process and database."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe
from django.db import transaction

from billing.gateway.sandbox import accounts, store
from billing.gateway.sandbox.encoding import decoded
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.models import SandboxRequest
from billing.gateway.sandbox.routes import Route, route_for
from billing.gateway.sandbox.shapes import checked
from infra.tenancy.firm_context import in_public


class SandboxTransport(stripe.HTTPClient):
    """Answers Stripe's library. Each call is one transaction on the platform's own tables."""

    name = "sandbox"

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        answer_headers = {"Request-Id": f"req_demo_{uuid.uuid4().hex[:14]}"}
        try:
            with in_public(), transaction.atomic():
                body, replayed = _answer(method.lower(), url, headers or {}, post_data)
        except SandboxRefusal as refusal:
            return json.dumps(refusal.body), refusal.status, answer_headers
        if replayed:
            answer_headers["Idempotent-Replayed"] = "true"
        return json.dumps(body), 200, answer_headers

    def close(self) -> None:
        """There is nothing to close."""


def _answer(method: str, url: str, headers: Mapping[str, str], post_data: Any) -> tuple[Any, bool]:
    if not headers.get("Authorization", "").startswith("Bearer sk_test_"):
        raise SandboxRefusal("Invalid API Key provided.", status=401)
    parts = urlsplit(url)
    found = route_for(method, parts.path)
    if found is None:
        raise SandboxRefusal(
            f"Unrecognized request URL ({method.upper()}: {parts.path}).",
            status=404,
            code="url_invalid",
        )
    route, ids = found
    account = _account(route, headers.get("Stripe-Account", ""))
    params = checked(_params(method, parts.path, parts.query, post_data), route.shape)
    key = headers.get("Idempotency-Key", "") if method == "post" else ""
    if not key:
        return _act(route, account, ids, params), False
    return _once(key, route, account, ids, params, parts.path)


def _account(route: Route, account: str) -> str:
    if route.of_platform:
        return ""
    if not account:
        raise SandboxRefusal(
            "The sandbox takes payments for an account only: name it (Stripe-Account)."
        )
    if not accounts.exists(account):
        raise SandboxRefusal(
            f"The provided key does not have access to account '{account}' (or that account does not exist).",
            status=403,
            code="account_invalid",
        )
    return account


def _params(method: str, path: str, query: str, post_data: Any) -> dict[str, Any]:
    if method == "get":
        return decoded(query)
    if path.startswith("/v2/"):
        return dict(json.loads(post_data or "{}"))
    return decoded(post_data or "")


def _act(
    route: Route, account: str, ids: tuple[str, ...], params: dict[str, Any]
) -> dict[str, Any]:
    return store.expanded(route.act(account, ids, params), params.get("expand") or (), account)


def _once(
    key: str, route: Route, account: str, ids: tuple[str, ...], params: dict[str, Any], path: str
) -> tuple[Any, bool]:
    """The same key gets the same answer; with other parameters it is a mistake of the caller.

    A second call at the same time waits for the first one's transaction.
    """
    text = json.dumps([path, params], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    row, is_new = SandboxRequest.objects.select_for_update().get_or_create(
        account=account, key=key, defaults={"fingerprint": fingerprint}
    )
    if not is_new:
        if row.fingerprint != fingerprint:
            raise SandboxRefusal(
                "Keys for idempotent requests can only be used with the same parameters they were"
                f" first used with. Try using a key other than '{key}'.",
                type="idempotency_error",
            )
        return row.body, True
    row.body = _act(route, account, ids, params)
    row.save(update_fields=["body"])
    return row.body, False
