"""A change of the look or the identity shows at once, although pages read a remembered look."""

from __future__ import annotations

from branding.identity.services import save_identity
from branding.letterhead.published import published_look
from branding.look.services import publish_brand, save_draft
from tests.world import World


def test_a_new_identity_and_a_new_look_show_at_once(world: World) -> None:
    alpha = world.alpha
    with alpha.inside():
        owner = alpha.people["owner"]
        published_look()
        save_identity(changes={"phone": "+32 2 555 01 02"}, by=owner)
        assert published_look().phone == "+32 2 555 01 02"
        save_draft(changes={"display_name": "New Name"}, by=owner)
        assert published_look().name != "New Name"
        publish_brand(by=owner)
        assert published_look().name == "New Name"
