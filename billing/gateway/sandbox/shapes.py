"""Judges parameters by the TypedDicts that Stripe generates from its specification and ships.

What is unknown, missing, of another type or outside a closed list is refused as Stripe does.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from stripe import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import get_type_hints, is_typeddict

from billing.gateway.sandbox.errors import SandboxRefusal

# Names that Stripe's modules import for type checkers only.
_ONLY_FOR_CHECKERS = {"StripeContext": object, "Mapping": Mapping}


@lru_cache(maxsize=512)
def fields_of(shape: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The parameters of a shape with their types, and which of them are required."""
    hints = get_type_hints(shape, localns=_ONLY_FOR_CHECKERS)
    options = set(RequestOptions.__annotations__) if "stripe_account" in hints else set()
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return {name: hint for name, hint in hints.items() if name not in options}, required - options


def checked(params: Mapping[str, Any], shape: type, path: str = "") -> dict[str, Any]:
    """``params`` with texts turned into the types of ``shape``; raises ``SandboxRefusal``."""
    fields, required = fields_of(shape)
    for name in params:
        if name not in fields:
            where = _join(path, name)
            raise SandboxRefusal(
                f"Received unknown parameter: {where}", code="parameter_unknown", param=where
            )
    for name in required:
        if name not in params:
            where = _join(path, name)
            raise SandboxRefusal(
                f"Missing required param: {where}.", code="parameter_missing", param=where
            )
    return {name: _value(value, fields[name], _join(path, name)) for name, value in params.items()}


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _refuse(path: str, what: str) -> SandboxRefusal:
    return SandboxRefusal(f"Invalid {path}: must be {what}", code="parameter_invalid", param=path)


def _value(value: Any, hint: Any, path: str) -> Any:
    """One value as its type; the order of the cases follows how often they occur."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _one_of(value, get_args(hint), path)
    if origin is Literal:
        if value in get_args(hint):
            return value
        raise _refuse(path, "one of " + ", ".join(map(str, get_args(hint))))
    if is_typeddict(hint):
        if isinstance(value, Mapping):
            return checked(value, hint, path)
        raise _refuse(path, "an object")
    if origin in (list, tuple):
        if isinstance(value, list):
            (inner,) = get_args(hint)
            return [_value(item, inner, f"{path}[{index}]") for index, item in enumerate(value)]
        raise _refuse(path, "an array")
    if origin is dict or origin is Mapping:
        if isinstance(value, Mapping):
            return {
                key: _value(item, get_args(hint)[1], _join(path, key))
                for key, item in value.items()
            }
        raise _refuse(path, "an object")
    return _plain(value, hint, path)


def _plain(value: Any, hint: Any, path: str) -> Any:
    if hint in (object, Any):
        return value
    if hint is str and isinstance(value, str):
        return value
    if hint is bool and (isinstance(value, bool) or value in ("true", "false")):
        return value in (True, "true")
    if hint is int and not isinstance(value, bool):
        try:
            return int(value)
        except (TypeError, ValueError):
            pass
    if hint in (float, Decimal) and not isinstance(value, bool):
        try:
            return str(Decimal(str(value)))
        except InvalidOperation:
            pass
    if hint is NoneType and value is None:
        return None
    raise _refuse(path, f"a {getattr(hint, '__name__', hint)}")


def _one_of(value: Any, hints: tuple[Any, ...], path: str) -> Any:
    """The first alternative that fits; the refusal of an object comes from the object's own shape.

    ``Literal[…] | str`` is how the library spells a list that may grow; Stripe's server
    takes the listed values only, and so do we. ``Literal[""]`` alone stands for *unset*.
    """
    refusal: SandboxRefusal | None = None
    if any(get_origin(hint) is Literal and any(get_args(hint)) for hint in hints):
        hints = tuple(hint for hint in hints if hint is not str)
    for hint in hints:
        if get_origin(hint) is UntypedStripeObject or hint is UntypedStripeObject:
            continue
        try:
            return _value(value, hint, path)
        except SandboxRefusal as error:
            if refusal is None or (is_typeddict(hint) and isinstance(value, Mapping)):
                refusal = error
    raise refusal or _refuse(path, "of another type")
