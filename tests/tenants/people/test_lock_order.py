"""A contact and its invitations are locked in the same order by whoever changes both."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.people.clients import update_contact
from tenants.people.models import Contact
from tests.world import World


def test_invitations_are_locked_before_their_contact(world: World) -> None:
    """As when an invitation is accepted; in the other order, each would wait for the other."""
    alpha = world.alpha
    with alpha.inside():
        contact = Contact.objects.get(email="ada@alpha.test")
        with CaptureQueriesContext(connection) as caught:
            update_contact(contact=contact, changes={"phone": "+32 2"}, by=alpha.people["owner"])
    locks = [str(query["sql"]) for query in caught if "FOR UPDATE" in str(query["sql"])]
    assert [sql.split('FROM "')[1].split('"')[0] for sql in locks] == ["invitation", "contact"]
