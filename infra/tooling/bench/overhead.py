"""What the firm of a host costs: one query behind our middleware, beside plain Django."""

from __future__ import annotations

import statistics
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path

from infra.config.middleware import firm as firm_middleware
from infra.tenancy.firm_context import FirmRef
from infra.tooling.bench.in_process import Cost, cost, get
from tenants.people.models import Client

HERE = "infra.tooling.bench.overhead"
OURS = "infra.config.middleware.firm.FirmMiddleware"


def _one_query(alias: str) -> HttpResponse:
    name = Client.objects.using(alias).values_list("name", flat=True).get(code="C0001")
    return HttpResponse(name)


def _in_firm(_request: HttpRequest) -> HttpResponse:
    return _one_query("default")


def _plainly(_request: HttpRequest) -> HttpResponse:
    return _one_query("plain")


urlpatterns = [path("ours", _in_firm), path("plain", _plainly)]


def tenant_overhead(firm: FirmRef) -> list[dict[str, Any]]:
    """The same view twice: with the middleware and connection of a firm, and without both."""
    usual = connections.databases["default"]
    connections.databases["plain"] = {
        **usual,
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": {**usual["OPTIONS"], "options": f"-c search_path={firm.schema}"},
    }
    found: dict[str, list[Cost]] = {"plain Django": [], "in a firm": []}
    surfaces = dict(firm_middleware.URLCONFS)
    firm_middleware.URLCONFS["portal"] = HERE
    try:
        with override_settings(MIDDLEWARE=[OURS], ROOT_URLCONF=HERE):
            ours = WSGIHandler()
        with override_settings(MIDDLEWARE=[], ROOT_URLCONF=HERE):
            plain = WSGIHandler()
            for _turn in range(3):
                # In turns, so that both meet the same noise.
                found["plain Django"].append(
                    cost(lambda: get(plain, firm.portal_host, "/plain"), alias="plain")
                )
                found["in a firm"].append(cost(lambda: get(ours, firm.portal_host, "/ours")))
    finally:
        firm_middleware.URLCONFS.update(surfaces)
        connections["plain"].close()
        connections["plain"].close_pool()  # type: ignore[attr-defined]
        del connections.databases["plain"]
    spent = {name: statistics.median(one.whole for one in runs) for name, runs in found.items()}
    return [
        {
            "what": name,
            "statements": runs[0].statements,
            "CPU ms": round(spent[name], 3),
            "ratio": round(spent[name] / spent["plain Django"], 2),
        }
        for name, runs in found.items()
    ]
