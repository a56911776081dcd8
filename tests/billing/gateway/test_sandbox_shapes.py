"""The fake is checked against what Stripe ships: parameters by its TypedDicts, answers by its classes."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
import stripe.params
from stripe.checkout import Session
from stripe.v2.core import Account, AccountLink
from typing_extensions import is_typeddict

from billing.gateway.interface import Checkout, Gateway
from billing.gateway.sandbox import services
from billing.gateway.sandbox.encoding import decoded
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.models import SandboxObject
from billing.gateway.sandbox.routes import ROUTES
from billing.gateway.sandbox.shapes import _value, checked, fields_of


def _all_shapes() -> Iterator[type]:
    for module in pkgutil.walk_packages(stripe.params.__path__, "stripe.params."):
        for found in vars(importlib.import_module(module.name)).values():
            if is_typeddict(found):
                yield found


def test_every_shape_that_stripe_ships_can_be_judged() -> None:
    shapes = list(_all_shapes())
    assert len(shapes) > 1000
    for shape in shapes:
        fields, required = fields_of(shape)
        assert required <= fields.keys()
        for name, hint in fields.items():
            # A value of no type at all must be refused by a refusal, never by a crash.
            try:
                _value(object(), hint, name)
            except SandboxRefusal:
                continue
            assert hint in (object, Any), (shape, name, hint)


def _services() -> Iterator[tuple[str, str, str]]:
    """Method, path and parameter type of every operation of the installed library."""
    for package in ("stripe", "stripe.checkout", "stripe.v2.core"):
        place = importlib.import_module(package).__path__
        for module in pkgutil.iter_modules(place, package + "."):
            if not module.name.endswith("_service"):
                continue
            for service in vars(importlib.import_module(module.name)).values():
                if not inspect.isclass(service) or service.__module__ != module.name:
                    continue
                for name, function in inspect.getmembers(service, inspect.isfunction):
                    params = inspect.signature(function).parameters.get("params")
                    if params is None or name.endswith("_async"):
                        continue
                    yield inspect.getsource(function), name, str(params.annotation)


def test_every_route_uses_the_shape_that_the_library_sends() -> None:
    operations = list(_services())
    for route in ROUTES:
        start = route.path.partition("{id}")[0].rstrip("/")
        assert any(
            route.shape.__name__ in annotation and f'"{route.method}"' in source and start in source
            for source, _name, annotation in operations
        ), route


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a=1&b[c]=2", {"a": "1", "b": {"c": "2"}}),
        ("a[0][b]=1&a[1][b]=2", {"a": [{"b": "1"}, {"b": "2"}]}),
        ("m[x]=%26+%C3%A9&n=", {"m": {"x": "& é"}, "n": ""}),
        ("", {}),
    ],
)
def test_decodes_forms(text: str, values: dict[str, Any]) -> None:
    assert decoded(text) == values


_SESSION = next(route.shape for route in ROUTES if route.path == "/v1/checkout/sessions")
_ITEM = {"price_data": {"currency": "eur", "unit_amount": "500", "product_data": {"name": "1"}}}


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"nonsense": "1"}, "nonsense", "parameter_unknown"),
        ({"stripe_account": "acct_1"}, "stripe_account", "parameter_unknown"),
        ({"line_items": [{"nonsense": "1"}]}, "line_items[0][nonsense]", "parameter_unknown"),
        ({"line_items": "1"}, "line_items", "parameter_invalid"),
        ({"line_items": [{"quantity": "two"}]}, "line_items[0][quantity]", "parameter_invalid"),
        ({"mode": "gift"}, "mode", "parameter_invalid"),
        ({"metadata": "x"}, "metadata", "parameter_invalid"),
        ({"allow_promotion_codes": "yes"}, "allow_promotion_codes", "parameter_invalid"),
        ({"expires_at": "soon"}, "expires_at", "parameter_invalid"),
        (
            {"line_items": [{"price_data": {"unit_amount": "5"}}]},
            "line_items[0][price_data][currency]",
            "parameter_missing",
        ),
    ],
)
def test_refuses_what_stripe_would_not_understand(
    params: dict[str, Any], param: str, code: str
) -> None:
    with pytest.raises(SandboxRefusal) as refused:
        checked(params, _SESSION)
    error = refused.value.body["error"]
    assert (error["param"], error["code"], refused.value.status) == (param, code, 400)


def test_turns_texts_into_types() -> None:
    params = {"line_items": [{"quantity": "2", **_ITEM}], "metadata": {"a": "1"}, "livemode": "x"}
    params.pop("livemode")
    item = checked(params, _SESSION)["line_items"][0]
    assert (item["quantity"], item["price_data"]["unit_amount"]) == (2, 500)


@pytest.mark.django_db
def test_every_answer_has_only_fields_that_stripe_documents(
    gateway: Gateway, account: str, checkout: Checkout
) -> None:
    services.pay_with_card(checkout.session_id, "4000000000000002")
    services.pay_with_card(checkout.session_id, "4242424242424242")
    payment = gateway.fetch_payment(account=account, session_id=checkout.session_id)
    gateway.refund_payment(
        account=account,
        transaction_id=payment.transaction_id or "",
        amount=payment.amount,
        idempotency_key="r",
    )
    classes: dict[str, type] = {
        "checkout.session": Session,
        "payment_intent": stripe.PaymentIntent,
        "payment_method": stripe.PaymentMethod,
        "charge": stripe.Charge,
        "refund": stripe.Refund,
        "event": stripe.Event,
        "v2.core.account": Account,
        "v2.core.account_link": AccountLink,
    }
    seen = set()
    for row in SandboxObject.objects.all():
        seen.add(row.kind)
        known = set(classes[row.kind].__annotations__)
        assert {name for name in row.data if not name.startswith("_")} <= known, row.kind
    assert seen == classes.keys() - {"v2.core.account_link"}
