"""That a string of the sources cannot be forgotten in a catalogue, nor outlive its source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.core.management import CommandError, call_command

from webapp.kit import catalogues

PAGES = """{% load i18n %}
<p>{% translate "Open" context "matter" %}</p>
{% blocktranslate trimmed count n=n %}
  {{ n }} day
{% plural %}
  {{ n }} days
{% endblocktranslate %}
{{ word|default:_("None") }}
"""
CODE = """
def say(n):
    return f"{n}, {_('next %(day)s')}", ngettext("a day", "days", n), pgettext("sign", "Stop")
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    room = tmp_path / "room"
    (room / "templates").mkdir(parents=True)
    (room / "__init__.py").write_text("")
    (room / "words.py").write_text(CODE)
    (room / "templates" / "page.html").write_text(PAGES)
    return tmp_path


def french(**entries: str) -> Catalog:
    catalogue = Catalog(locale="fr")
    for message, string in entries.items():
        catalogue.add(message, string)
    return catalogue


def test_strings_are_found_in_templates_and_in_code_with_their_place(sources: Path) -> None:
    assert catalogues.strings_of_sources(sources) == {
        (None, "next %(day)s"): "room/words.py:3",
        (None, ("a day", "days")): "room/words.py:3",
        ("sign", "Stop"): "room/words.py:3",
        ("matter", "Open"): "room/templates/page.html:2",
        (None, ("%(n)s day", "%(n)s days")): "room/templates/page.html:3",
        (None, "None"): "room/templates/page.html:8",
    }


def test_a_string_that_is_only_known_when_it_runs_is_refused(sources: Path) -> None:
    (sources / "room" / "words.py").write_text('\nsaid = _(f"Hello {name}")\n')
    with pytest.raises(catalogues.NotAString, match="room/words.py:2"):
        catalogues.strings_of_sources(sources)


def test_a_plural_that_begins_with_another_message_is_one_entry_with_it(sources: Path) -> None:
    (sources / "room" / "words.py").write_text('_("A day")\nngettext("A day", "Days", 2)\n')
    found = catalogues.strings_of_sources(sources)
    assert (None, ("A day", "Days")) in found
    assert (None, "A day") not in found


@pytest.mark.parametrize(
    ("catalogue", "fault"),
    [
        (french(), "words.py:7: missing: 'Pay %(sum)s'"),
        (french(**{"Pay %(sum)s": ""}), "words.py:7: not translated: 'Pay %(sum)s'"),
        (
            french(**{"Pay %(sum)s": "Payer %(total)s"}),
            "words.py:7: other placeholders than 'Pay %(sum)s': 'Payer %(total)s'",
        ),
        (
            french(**{"Pay %(sum)s": "Payer %(sum)s", "Gone": "Parti"}),
            "no source says this any more: 'Gone'",
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_string_and_its_place(
    catalogue: Catalog, fault: str
) -> None:
    assert fault in list(catalogues.faults(catalogue, {(None, "Pay %(sum)s"): "words.py:7"}))


def test_a_fuzzy_translation_counts_as_none() -> None:
    catalogue = Catalog(locale="fr")
    catalogue.add("Pay", "Payer", flags=["fuzzy"])
    wanted: dict[catalogues.Key, str] = {(None, "Pay"): "words.py:7"}
    assert list(catalogues.faults(catalogue, wanted)) == ["words.py:7: not translated: 'Pay'"]


def test_the_check_fails_until_the_catalogue_is_renewed_and_translated(
    sources: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = sources / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"'
    kept = 'msgctxt "sign"\nmsgid "Stop"\nmsgstr "Arrêt"'
    file.write_text(f'{header}\n\n{kept}\n\nmsgid "Gone"\nmsgstr "Parti"\n')
    settings.BASE_DIR, settings.LOCALE_PATHS = sources, [str(file.parents[2])]
    with pytest.raises(CommandError, match="6 fault"):
        call_command("check_translations")
    assert "fr: room/templates/page.html:8: missing: 'None'" in capsys.readouterr().err
    call_command("collect_translations")
    text = file.read_text()
    assert text.startswith(f"{header}\n\n")
    assert kept in text
    assert "Gone" not in text
    with pytest.raises(CommandError, match="5 fault"):
        call_command("check_translations")
