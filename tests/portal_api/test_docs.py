"""The API's document over HTTP, on the hosts that people ask."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.world import World


def _document(world: World, surface: str) -> Any:
    nobody = world.alpha.browser(surface=surface)
    answer = nobody.get("/api/schema/")
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_the_console_documents_every_address_it_has(world: World) -> None:
    paths = _document(world, "console")["paths"]
    for path in ("invoices/", "invoices/{id}/", "imports/", "auth/login/", "portal-settings/"):
        assert f"/api/v1/{path}" in paths
    assert "422" in paths["/api/v1/invoices/"]["post"]["responses"]


def test_the_portal_documents_what_clients_may_use(world: World) -> None:
    paths = _document(world, "portal")["paths"]
    assert "/api/v1/invoices/{id}/payments/" in paths
    assert "/api/v1/imports/" not in paths


@pytest.mark.parametrize("surface", ["console", "portal"])
def test_the_document_bears_the_firms_name_only(world: World, surface: str) -> None:
    document = _document(world, surface)
    assert document["info"]["title"] == f"{world.alpha.ref.name}: API"
    assert "portico" not in json.dumps(document).lower()


def test_the_document_comes_as_yaml_too(world: World) -> None:
    answer = world.alpha.browser(surface="portal").get("/api/schema/?format=yaml")
    assert answer.content.startswith(b"openapi: 3.1.0")


def test_a_list_is_documented_as_a_page(world: World) -> None:
    document = _document(world, "console")
    for noun in ("invoices", "clients", "payments"):
        operation = document["paths"][f"/api/v1/{noun}/"]["get"]
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        shape = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
        assert set(shape["properties"]) == {"count", "next", "previous", "results"}
        names = [parameter["name"] for parameter in operation["parameters"]]
        assert names.count("page_size") == 1
