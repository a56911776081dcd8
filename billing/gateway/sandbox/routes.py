"""The part of Stripe's API that the sandbox answers: path, shape of its parameters, what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from stripe import params as v1
from stripe.params import checkout as v1_checkout
from stripe.params.v2 import core as v2_core

from billing.gateway.sandbox import accounts, checkout, payments, store
from billing.gateway.sandbox.store import Data


class Route(NamedTuple):
    """``act`` takes the account, the ids in the path and the checked parameters.

    A route of the platform has no account; all others need an account that exists.
    """

    method: str
    path: str
    shape: type
    act: Callable[[str, tuple[str, ...], Data], Data]
    of_platform: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.path.replace("{id}", "([^/]+)"))


def _session(account: str, ids: tuple[str, ...], params: Data) -> Data:
    return checkout.shown(checkout.retrieve(account, ids[0]))


ROUTES: Final = (
    Route(
        "post",
        "/v1/checkout/sessions",
        v1_checkout.SessionCreateParams,
        lambda account, ids, params: checkout.shown(checkout.create(account, params)),
    ),
    Route(
        "get",
        "/v1/checkout/sessions",
        v1_checkout.SessionListParams,
        lambda account, ids, params: checkout.list_page(account, params),
    ),
    Route("get", "/v1/checkout/sessions/{id}", v1_checkout.SessionRetrieveParams, _session),
    Route(
        "post",
        "/v1/checkout/sessions/{id}/expire",
        v1_checkout.SessionExpireParams,
        lambda account, ids, params: checkout.shown(checkout.expire(account, ids[0])),
    ),
    Route(
        "get",
        "/v1/payment_intents/{id}",
        v1.PaymentIntentRetrieveParams,
        lambda account, ids, params: store.load(account, "payment_intent", ids[0]),
    ),
    Route(
        "post",
        "/v1/refunds",
        v1.RefundCreateParams,
        lambda account, ids, params: payments.refund(account, params),
    ),
    Route(
        "get",
        "/v1/events",
        v1.EventListParams,
        lambda account, ids, params: store.page_of(account, "event", params, "/v1/events"),
    ),
    Route(
        "get",
        "/v1/events/{id}",
        v1.EventRetrieveParams,
        lambda account, ids, params: store.load(account, "event", ids[0]),
    ),
    Route(
        "post",
        "/v2/core/accounts",
        v2_core.AccountCreateParams,
        lambda account, ids, params: accounts.create(params),
        of_platform=True,
    ),
    Route(
        "get",
        "/v2/core/accounts/{id}",
        v2_core.AccountRetrieveParams,
        lambda account, ids, params: accounts.retrieve(ids[0], params),
        of_platform=True,
    ),
    Route(
        "post",
        "/v2/core/account_links",
        v2_core.AccountLinkCreateParams,
        lambda account, ids, params: accounts.create_link(params),
        of_platform=True,
    ),
)


def route_for(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a call with the ids in its path, or ``None``."""
    for route in ROUTES:
        if route.method == method and (match := route.pattern.fullmatch(path)):
            return route, match.groups()
    return None
