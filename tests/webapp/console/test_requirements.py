"""What the payment provider still asks of a firm, said in words."""

from __future__ import annotations

from billing.gateway.interface import Requirement, RequirementKind
from billing.gateway.models import GatewayAccount
from infra.tenancy.firm_context import in_public
from tests.webapp.console.pages import words
from tests.world import World
from webapp.kit.requirement_copy import SENTENCES, in_words


def test_every_requirement_has_a_sentence() -> None:
    assert set(SENTENCES) == set(RequirementKind)


def test_requirements_become_sentences_and_double_ones_one() -> None:
    points = in_words(
        [
            Requirement(RequirementKind.TERMS, "terms.date"),
            Requirement(RequirementKind.TERMS, "terms.ip"),
            Requirement(RequirementKind.BANK_ACCOUNT, "bank_account"),
            Requirement(RequirementKind.DATE_OF_BIRTH, "person.dob"),
        ]
    )
    assert [point.words for point in points] == [
        "Agreement to the payment provider's terms",
        "A bank account to pay out to",
        "The date of birth of the person who represents the firm",
    ]
    assert points[0].codes == "terms.date, terms.ip"


def test_the_page_says_known_and_unknown_points_in_words_with_their_codes(world: World) -> None:
    codes = ["company.tax_id", "something.nobody.knows"]
    asked = [
        {"kind": "company_number", "detail": codes[0]},
        {"kind": "other", "detail": codes[1]},
    ]
    with in_public():
        GatewayAccount.objects.filter(firm_id=world.alpha.ref.id).update(
            status="pending", requirements=asked
        )
    page = words(world.alpha.browser("owner").get("/settings/payments/"))
    assert "<strong>The firm&#x27;s company or tax number</strong>" in page
    assert "<strong>One more answer on the payment provider&#x27;s page</strong>" in page
    for code in codes:
        assert f"<strong>{code}" not in page
        assert code in page
    old = words(world.alpha.browser("owner").get("/settings/payments/?done=connected"))
    assert "Clients can pay from now on" not in old
