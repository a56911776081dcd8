"""Two changes of the look at the same moment: one is done, the other is told so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from branding.look.models import Brand
from branding.look.services import (
    ChangedMeanwhile,
    publish_brand,
    roll_back_brand,
    save_draft,
)
from infra.audit.models import AuditEvent
from tests.world import FirmWorld, World


def _elsewhere(work: Callable[[], Any]) -> Any:
    """What ``work`` answers (or raises) on a connection of its own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def _in_firm(firm: FirmWorld, work: Callable[[], Any]) -> Any:
    with firm.inside():
        return work()


def test_a_change_during_another_is_refused_and_changes_nothing(committed_world: World) -> None:
    alpha, beta = committed_world.alpha, committed_world.beta
    owner = alpha.people["owner"]
    with alpha.inside():
        retired = Brand.objects.create(state=Brand.State.RETIRED)
        with transaction.atomic():
            save_draft(changes={"colour": "#123456"}, by=owner)
            for work in (
                lambda: save_draft(changes={"colour": "#654321"}, by=owner),
                lambda: publish_brand(by=owner),
                lambda: roll_back_brand(brand=retired, by=owner),
            ):
                with pytest.raises(ChangedMeanwhile):
                    _elsewhere(lambda work=work: _in_firm(alpha, work))
            # Another firm's look is another matter.
            other = beta.people["owner"]
            change = {"colour": "#111111"}
            _elsewhere(lambda: _in_firm(beta, lambda: save_draft(changes=change, by=other)))
        draft = Brand.objects.get(state=Brand.State.DRAFT)
        assert draft.colour == "#123456"
        assert Brand.objects.get(pk=retired.pk).state == Brand.State.RETIRED
        assert AuditEvent.objects.filter(action__startswith="brand.").count() == 1


def test_the_api_answers_409(committed_world: World) -> None:
    alpha = committed_world.alpha
    browser = alpha.browser("owner")
    with alpha.inside(), transaction.atomic():
        save_draft(changes={"colour": "#123456"}, by=alpha.people["owner"])

        def ask() -> Any:
            return browser.patch(
                "/api/v1/brand/", {"colour": "#654321"}, content_type="application/json"
            )

        answer = _elsewhere(ask)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
