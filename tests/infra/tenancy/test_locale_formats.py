"""Sentences that end in a name."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from infra.tenancy.locale_formats import in_one_line, one_stop


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("the portal of Dewey Inc..", "the portal of Dewey Inc."),
        ("for Dewey Inc.. Choose a password.", "for Dewey Inc. Choose a password."),
        ("Wait...", "Wait..."),
        ("Wait. Go.", "Wait. Go."),
    ],
)
def test_a_name_with_a_full_stop_ends_the_sentence(said: str, meant: str) -> None:
    assert one_stop(said) == meant


def test_a_template_keeps_escaping_what_it_says() -> None:
    page = Template("{% filter one_stop %}of {{ firm }}.{% endfilter %}")
    assert page.render(Context({"firm": "<b> Inc."})) == "of &lt;b&gt; Inc."


def test_an_address_in_one_line_has_commas_where_the_lines_broke() -> None:
    assert (
        in_one_line("120 Court Street\r\nAlbany, NY 12207\n")
        == "120 Court Street, Albany, NY 12207"
    )
    assert (
        in_one_line("Avenue Louise 240,\n\n1050 Bruxelles") == "Avenue Louise 240, 1050 Bruxelles"
    )
    assert in_one_line("") == ""
