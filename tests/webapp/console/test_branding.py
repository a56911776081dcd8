"""The look: preview, draft, publish, restore."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from branding.look.models import Brand
from tests.webapp.console.pages import words
from tests.world import World

pytestmark = pytest.mark.django_db
LOOK = {"colour": "#7a1f3d", "accent": "", "corner": "round", "typeface": "system"}
SHEET = re.compile(r'href="(/brand/[0-9a-f]+\.css)"')


def _sheet(browser: Any) -> str:
    found = SHEET.search(browser.get("/").content.decode())
    return found[1] if found else ""


def _png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 80), "#7a1f3d").save(out, "PNG")
    return out.getvalue()


def test_publishing_changes_the_stylesheet_and_restoring_brings_it_back(world: World) -> None:
    owner = world.alpha.browser("owner")
    before = _sheet(owner)
    assert owner.post("/look/", {**LOOK, "do": "save"}).status_code == 302
    assert _sheet(owner) == before
    assert owner.post("/look/publish/").status_code == 302
    first = _sheet(owner)
    assert first != before
    assert b"#7a1f3d" in owner.get(first).content
    owner.post("/look/", {**LOOK, "colour": "#00695c", "do": "publish"})
    second = _sheet(owner)
    assert second not in (before, first)
    with world.alpha.inside():
        earlier = Brand.objects.get(colour="#7a1f3d")
    assert owner.post(f"/look/{earlier.pk}/restore/").status_code == 302
    assert _sheet(owner) == first


@pytest.mark.parametrize("colour", ["red", "#12345", "#7a1f3d;}", "#7a1f3d\n"])
def test_a_bad_colour_is_said_at_its_field(world: World, colour: str) -> None:
    owner = world.alpha.browser("owner")
    answer = owner.post("/look/", {**LOOK, "colour": colour + "!", "do": "publish"})
    assert answer.status_code == 422
    assert 'href="#id_colour"' in words(answer)
    with world.alpha.inside():
        assert not Brand.objects.exists()


def test_the_preview_follows_and_says_what_was_adjusted(world: World) -> None:
    owner = world.alpha.browser("owner")
    part = owner.get("/look/", {**LOOK, "colour": "#ffd400"}, headers={"hx-request": "true"})
    page = words(part)
    assert "<html" not in page
    assert "instead of #ffd400" in page
    assert "colour=%23ffd400" in page
    with world.alpha.inside():
        assert not Brand.objects.exists()


def test_the_preview_says_what_it_cannot_show(world: World) -> None:
    owner = world.alpha.browser("owner")
    part = owner.get("/look/", {**LOOK, "colour": "#ffd"}, headers={"hx-request": "true"})
    assert part.status_code == 422
    assert "Please give a colour" in words(part)


@pytest.mark.parametrize("page", ["home", "invoice", "sign-in"])
def test_only_the_preview_may_be_framed_and_only_here(world: World, page: str) -> None:
    owner = world.alpha.browser("owner")
    framed = owner.get("/look/preview/", {**LOOK, "page": page})
    assert framed.status_code == 200
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in framed["Content-Security-Policy"]
    assert "/look/preview.css?colour=%237a1f3d" in framed.content.decode()
    plain = owner.get("/look/")
    assert plain["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]


def test_the_preview_shows_no_real_client(world: World) -> None:
    page = words(world.alpha.browser("owner").get("/look/preview/", LOOK))
    assert "Client 1" not in page
    assert "owner@alpha.test" not in page


def test_the_preview_stylesheet_takes_checked_values_only(world: World) -> None:
    owner = world.alpha.browser("owner")
    good = owner.get("/look/preview.css", LOOK)
    assert b"--brand:#7a1f3d" in good.content
    bad = owner.get("/look/preview.css", {**LOOK, "colour": "red;}body{display:none"})
    assert bad.status_code == 422
    assert bad.content == b""


def test_keeps_a_logo_and_shows_it(world: World) -> None:
    owner = world.alpha.browser("owner")
    logo = SimpleUploadedFile("logo.png", _png(), content_type="image/png")
    assert owner.post("/look/", {**LOOK, "logo": logo, "do": "publish"}).status_code == 302
    page = owner.get("/").content.decode()
    found = re.search(r'src="(/brand/image/[^"]+)"', page)
    assert found
    assert owner.get(found[1]).status_code == 200


def test_an_svg_is_drawn(world: World) -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60">'
        b'<rect width="60" height="60" fill="#7a1f3d"/><script>alert(1)</script></svg>'
    )
    owner = world.alpha.browser("owner")
    logo = SimpleUploadedFile("logo.svg", svg, content_type="image/svg+xml")
    answer = owner.post("/look/", {**LOOK, "logo": logo, "do": "save"})
    assert answer.status_code == 302, words(answer)
    with world.alpha.inside():
        assert Brand.objects.get().logo.endswith(".png")


def test_an_unusable_logo_is_said_at_its_field(world: World) -> None:
    owner = world.alpha.browser("owner")
    logo = SimpleUploadedFile("logo.png", b"not an image", content_type="image/png")
    answer = owner.post("/look/", {**LOOK, "logo": logo, "do": "publish"})
    assert answer.status_code == 422
    assert "Please upload a PNG, JPEG, WebP or SVG image." in words(answer)
    with world.alpha.inside():
        assert not Brand.objects.exists()


def test_nothing_new_is_nothing_published(world: World) -> None:
    answer = world.alpha.browser("owner").post("/look/publish/")
    assert answer["Location"].endswith("?done=nothing")


@pytest.mark.parametrize("person", ["attorney", "billing", "assistant"])
def test_only_owners_and_partners_may(world: World, person: str) -> None:
    browser = world.alpha.browser(person)
    for path in ("/look/", "/look/preview/", "/look/preview.css"):
        assert browser.get(path).status_code == 403
    assert browser.post("/look/", {**LOOK, "do": "publish"}).status_code == 403
    assert browser.post("/look/publish/").status_code == 403
    with world.alpha.inside():
        assert not Brand.objects.exists()


def test_another_firms_look_cannot_be_restored(world: World) -> None:
    world.beta.browser("owner").post("/look/", {**LOOK, "do": "publish"})
    with world.beta.inside():
        other = Brand.objects.get()
    answer = world.alpha.browser("owner").post(f"/look/{other.pk}/restore/")
    assert answer.status_code == 404


def test_a_logo_is_taken_off_in_the_draft_and_then_for_clients(world: World) -> None:
    owner = world.alpha.browser("owner")
    logo = SimpleUploadedFile("logo.png", _png(), content_type="image/png")
    owner.post("/look/", {**LOOK, "logo": logo, "do": "publish"})
    page = words(owner.get("/look/"))
    assert 'alt="The present logo"' in page
    assert 'name="remove_logo"' in page
    shown = words(owner.get("/look/preview/", {**LOOK, "remove_logo": "on"}))
    assert 'class="logo' in shown
    assert "/brand/image/" not in shown.split('class="logo', 1)[1].split("</a>")[0]
    owner.post("/look/", {**LOOK, "remove_logo": "on", "do": "save"})
    with world.alpha.inside():
        published = Brand.objects.get(state="published")
        draft = Brand.objects.get(state="draft")
    assert (bool(published.logo), bool(published.icon)) == (True, True)
    assert (draft.logo, draft.icon) == ("", "")
    assert 'name="remove_logo"' not in words(owner.get("/look/"))
    owner.post("/look/publish/")
    assert "/brand/image/" not in words(owner.get("/"))
    with world.alpha.inside():
        assert Brand.objects.get(pk=published.pk).logo == published.logo
    assert owner.get(f"/brand/image/{published.logo.rsplit('/', 1)[-1]}").status_code == 200


def test_a_new_logo_wins_over_taking_the_old_one_off(world: World) -> None:
    owner = world.alpha.browser("owner")
    for _turn in range(2):
        logo = SimpleUploadedFile("logo.png", _png(), content_type="image/png")
        owner.post("/look/", {**LOOK, "logo": logo, "remove_logo": "on", "do": "save"})
    with world.alpha.inside():
        draft = Brand.objects.get(state="draft")
    assert draft.logo
    assert draft.icon
