"""What the payment provider still asks of a firm, said in words."""

from __future__ import annotations

from billing.gateway.models import GatewayAccount
from infra.tenancy.firm_context import in_public
from tests.webapp.console.pages import words
from tests.world import World
from webapp.console.payments.requirements import in_words


def test_known_codes_become_sentences_and_double_ones_one() -> None:
    points = in_words(
        [
            "identity.attestations.terms_of_service.account.date",
            "identity.attestations.terms_of_service.account.ip",
            "configuration.merchant.bank_account",
            "identity.individual.date_of_birth",
        ]
    )
    assert [point.words for point in points] == [
        "Agreement to the payment provider's terms",
        "A bank account to pay out to",
        "The date of birth of the person who represents the firm",
    ]
    assert points[0].codes == (
        "identity.attestations.terms_of_service.account.date, "
        "identity.attestations.terms_of_service.account.ip"
    )


def test_the_page_says_known_and_unknown_points_in_words_with_their_codes(world: World) -> None:
    asked = ["company.tax_id", "something.nobody.knows"]
    with in_public():
        GatewayAccount.objects.filter(firm_id=world.alpha.ref.id).update(
            status="pending", requirements=asked
        )
    page = words(world.alpha.browser("owner").get("/settings/payments/"))
    assert "<strong>The firm&#x27;s company or tax number</strong>" in page
    assert "<strong>One more answer on the payment provider&#x27;s page</strong>" in page
    for code in asked:
        assert f"<strong>{code}" not in page
        assert code in page
    old = words(world.alpha.browser("owner").get("/settings/payments/?done=connected"))
    assert "Clients can pay from now on" not in old
