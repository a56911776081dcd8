"""A discount lowers the total, whichever sign it was given with and whoever gives it."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from billing.invoices.models import Invoice
from billing.invoices.services.drafting import (
    LineDraft,
    create_draft,
    draft_version,
    priced,
    update_draft,
)
from tests.world import FirmWorld, World

FEE = LineDraft(kind="fixed_fee", description="Advice", amount=Decimal(1000))
DISCOUNT = LineDraft(kind="discount", description="Courtesy")


@pytest.fixture
def alpha(world: World) -> FirmWorld:
    return world.alpha


@pytest.mark.parametrize(
    "given",
    [
        {"amount": Decimal(100)},
        {"amount": Decimal(-100)},
        {"unit_price": Decimal(50), "quantity": Decimal(2)},
        {"unit_price": Decimal(-50), "quantity": Decimal(2)},
        {"unit_price": Decimal(40), "quantity": Decimal(2), "adjustment": Decimal(20)},
        {"amount": Decimal(-100), "adjustment": Decimal(-100)},
        {"unit_price": Decimal(0), "adjustment": Decimal(-100)},
    ],
)
def test_it_is_taken_off_and_its_figures_agree(alpha: FirmWorld, given: dict[str, Any]) -> None:
    with alpha.inside():
        draft = create_draft(
            client=alpha.client(),
            currency="EUR",
            lines=[FEE, replace(DISCOUNT, **given)],
            by=alpha.people["owner"],
        )
        assert draft.total == Decimal("900.00")
        line = draft.lines.get(kind="discount")
        assert line.amount == -100
        if line.unit_price is not None:
            assert line.quantity * line.unit_price + line.adjustment == -100
        assert priced(LineDraft.of(line), "EUR") == LineDraft.of(line)


def test_other_lines_keep_their_sign(alpha: FirmWorld) -> None:
    with alpha.inside():
        lines = [FEE, replace(FEE, kind="expense", amount=Decimal(-30))]
        draft = create_draft(
            client=alpha.client(), currency="EUR", lines=lines, by=alpha.people["owner"]
        )
        assert draft.total == Decimal("970.00")


def test_a_changed_draft_takes_it_off_too(alpha: FirmWorld) -> None:
    with alpha.inside():
        draft = alpha.draft()
        changed = update_draft(
            invoice=draft,
            changes={},
            seen=draft_version(draft),
            lines=[FEE, replace(DISCOUNT, unit_price=Decimal(250))],
            by=alpha.people["owner"],
        )
        assert changed.total == Decimal("750.00")


def test_the_api_takes_it_off(alpha: FirmWorld) -> None:
    with alpha.inside():
        client = str(alpha.client().pk)
    body = {
        "client": client,
        "currency": "EUR",
        "subject": "With a discount",
        "lines": [
            {"kind": "fixed_fee", "description": "Advice", "amount": "1000"},
            {"kind": "discount", "description": "Courtesy", "amount": "100"},
        ],
    }
    answer = alpha.browser("owner").post(
        "/api/v1/invoices/", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 201, answer.content
    with alpha.inside():
        assert Invoice.objects.get(subject="With a discount").total == Decimal("900.00")
