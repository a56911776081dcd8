"""Which host leads where."""

from __future__ import annotations

import pytest
from django.test import Client as Browser
from django.utils import timezone

from infra.config.middleware.firm import UNKNOWN
from tenants.firms.hosts import address, normalised, place_of
from tenants.firms.lifecycle import add_verified_host
from tenants.firms.models import Domain, Firm
from tests.world import World


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("Alpha.Portico.Localhost", "alpha.portico.localhost"),
        ("alpha.portico.localhost:8000", "alpha.portico.localhost"),
        ("alpha.portico.localhost.", "alpha.portico.localhost"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("", ""),
        ("a b.example", ""),
        ("alpha/../beta", ""),
        ("[::1]:8000", ""),
        ("x" * 300, ""),
    ],
)
def test_hosts_are_normalised(raw: str, host: str) -> None:
    assert normalised(raw) == host


@pytest.mark.parametrize(
    "host",
    ["alpha.portico.localhost", "ALPHA.portico.localhost", "alpha.portico.localhost.:8000"],
)
def test_every_spelling_leads_to_the_firm(world: World, host: str) -> None:
    place = place_of(host)
    assert place is not None
    assert place.firm == world.alpha.ref
    assert place.surface == "portal"


def test_each_host_of_a_firm_knows_the_whole_firm(world: World) -> None:
    for domain in Domain.objects.select_related("tenant"):
        place = place_of(domain.domain)
        assert place is not None
        assert place.firm == domain.tenant.ref
        assert (place.surface, place.is_primary) == (domain.surface, domain.is_primary)


@pytest.mark.parametrize(
    "host", ["nobody.portico.localhost", "portico.localhost.evil.example", "127.0.0.1", "x y"]
)
def test_unknown_hosts_get_a_constant_answer(world: World, host: str) -> None:
    answer = Browser().get("/", headers={"host": host})
    assert answer.status_code == 404
    assert answer.content == b"Nothing is served at this address.\n"
    assert "set-cookie" not in {name.lower() for name in answer.headers}


def test_a_forwarded_host_header_chooses_nothing(world: World) -> None:
    answer = Browser().get(
        "/sign-in/",
        headers={"host": world.alpha.portal, "x-forwarded-host": world.beta.portal},
    )
    assert b"canary-alpha" in answer.content
    assert b"canary-beta" not in answer.content


def test_an_unverified_custom_host_is_not_served(world: World) -> None:
    firm = Firm.objects.get(slug="alpha")
    Domain.objects.create(
        tenant=firm, domain="portal.alpha.example", surface="portal", is_primary=False
    )
    assert place_of("portal.alpha.example") is None


def test_a_secondary_host_leads_to_the_primary_one(world: World) -> None:
    firm = Firm.objects.get(slug="alpha")
    add_verified_host(firm=firm, host="portal.alpha.example", surface="portal", primary=True)
    answer = Browser().get("/invoices/?status=open", headers={"host": "alpha.portico.localhost"})
    assert answer.status_code == 302
    assert answer["Location"] == address("portal.alpha.example", "/invoices/?status=open")


def test_one_host_belongs_to_one_firm_only(world: World) -> None:
    domain = Domain.objects.get(domain="alpha.portico.localhost")
    assert domain.verified_at is not None
    assert domain.verified_at <= timezone.now()
    assert Domain._meta.get_field("domain").unique


@pytest.mark.parametrize(
    "path",
    ["/brand/image/%00", "/invitation/%00/", "/sandbox/pay/%00/", "/sandbox/onboarding/%00/"],
)
def test_an_address_with_a_nul_is_nobodys(world: World, path: str) -> None:
    for host in (world.alpha.portal, world.alpha.console, "portico.localhost"):
        answer = Browser(headers={"host": host}).get(path)
        assert (answer.status_code, answer.content) == (404, UNKNOWN), (host, path)
