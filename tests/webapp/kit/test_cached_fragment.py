"""Parts of a page that are drawn once say the same as if they were drawn anew."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from webapp.kit.tags.cached_fragment import PartDiffers
from webapp.kit.tags.listing import querystring_with
from webapp.portal.forms import InvoiceFilterForm


class Counted:
    """Says how often it was asked."""

    times = 0

    def said(self) -> str:
        self.times += 1
        return "words"


@pytest.fixture(autouse=True)
def _as_served(settings: Any) -> None:
    settings.KEPT_PARTS_ARE_COMPARED = False


def test_a_part_is_drawn_once_for_the_same_values() -> None:
    page, counted = Template("{% kept name %}{{ counted.said }} {{ name }}{% endkept %}"), Counted()
    for _turn in range(3):
        assert page.render(Context({"counted": counted, "name": "a"})) == "words a"
    assert counted.times == 1


def test_a_part_is_drawn_again_for_another_value_language_or_locale() -> None:
    page, counted = Template("{% kept name %}{{ counted.said }}{% endkept %}"), Counted()
    page.render(Context({"counted": counted, "name": "a"}))
    page.render(Context({"counted": counted, "name": "b"}))
    page.render(Context({"counted": counted, "name": "a", "locale_code": "nl_BE"}))
    with translation.override("fr"):
        page.render(Context({"counted": counted, "name": "a"}))
    assert counted.times == 4


def test_a_part_whose_value_is_none_is_not_kept() -> None:
    page, counted = Template("{% kept missing %}{{ counted.said }}{% endkept %}"), Counted()
    for _turn in range(2):
        page.render(Context({"counted": counted}))
    assert counted.times == 2


def test_the_tests_refuse_a_part_that_depends_on_more_than_its_values(
    settings: Any,
) -> None:
    settings.KEPT_PARTS_ARE_COMPARED = True
    page = Template("{% kept name %}{{ person }}{% endkept %}")
    page.render(Context({"name": "a", "person": "Ada"}))
    with pytest.raises(PartDiffers):
        page.render(Context({"name": "a", "person": "Bob"}))


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ()),
        ("status=overdue&page=2", (("status", "overdue"),)),
        (
            "status=&search=&ordering=-total",
            (("status", ""), ("search", ""), ("ordering", "-total")),
        ),
        ("search=divorce", None),
        ("min_total=5", None),
        ("status=nonsense", None),
        ("status=paid&status=overdue", None),
        ("campaign=x", None),
    ],
)
def test_only_a_query_of_our_own_words_is_kept(
    query: str, kept: tuple[tuple[str, str], ...] | None
) -> None:
    assert InvoiceFilterForm(QueryDict(query)).choices_alone == kept


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "?page=3"),
        ("search=a%26b+c&page=2&status=", "?search=a%26b+c&page=3&status="),
        ("tag=x&tag=%C3%A9", "?tag=x&tag=%C3%A9&page=3"),
    ],
)
def test_an_address_keeps_the_rest_of_the_query(query: str, expected: str) -> None:
    request = RequestFactory().get(f"/invoices/?{query}")
    assert querystring_with(Context({"request": request}), "page", 3) == expected


def test_a_list_is_compared_by_what_it_holds() -> None:
    page, counted = Template("{% kept nav %}{{ counted.said }}{% endkept %}"), Counted()
    for nav in (["a"], ["a"], ["b"]):
        page.render(Context({"counted": counted, "nav": nav}))
    assert counted.times == 2
