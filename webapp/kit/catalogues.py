"""Which strings the sources mark for translation, and what is wrong with a catalogue.

Django's own tool needs the gettext programs; this needs only Babel, which Portico runs on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

# Context (None if there is none) and message; a message with a plural is a pair.
Key = tuple[str | None, str | tuple[str, ...]]

_ONE, _MANY = (1,), (1, 2)
_ONE_HERE, _MANY_HERE = ((1, "c"), 2), ((1, "c"), 2, 3)
# What a call of each name takes, as Babel writes it.
_CALLS = {
    "_": _ONE,
    "gettext": _ONE,
    "gettext_lazy": _ONE,
    "gettext_noop": _ONE,
    "ngettext": _MANY,
    "ngettext_lazy": _MANY,
    "pgettext": _ONE_HERE,
    "pgettext_lazy": _ONE_HERE,
    "npgettext": _MANY_HERE,
    "npgettext_lazy": _MANY_HERE,
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^<>]*>")


class NotAString(Exception):
    """A call asks for the translation of something that no catalogue can hold."""


def catalogue_files() -> list[Path]:
    """The catalogue of each language."""
    return [
        file
        for folder in settings.LOCALE_PATHS
        for file in sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))
    ]


def language_of(file: Path) -> str:
    """The language a catalogue is for."""
    return file.parent.parent.name


def read_catalogue(file: Path) -> Catalog:
    """The catalogue in a file."""
    with file.open("rb") as source:
        return read_po(source, locale=language_of(file))


def strings_of_sources(root: Path) -> dict[Key, str]:
    """Each string the packages under a folder mark, and where it first stands (`file:line`).

    Raises NotAString for a call whose string is only known when it runs.
    """
    found: dict[Key, str] = {}
    for package in sorted(file.parent for file in root.glob("*/__init__.py")):
        if package.name == "tests":
            continue
        for file in sorted(package.rglob("*")):
            place = file.relative_to(root)
            if file.suffix == ".py" and "migrations" not in place.parts:
                marked = _of_python(file.read_text(), place)
            elif file.is_file() and "templates" in place.parts:
                marked = _of_template(file.read_text(), place)
            else:
                continue
            for line, key in marked:
                found.setdefault(key, f"{place}:{line}")
    # As in gettext, a message and a plural that begins with it are one entry.
    plurals = {(context, said[0]) for context, said in found if isinstance(said, tuple)}
    return {key: place for key, place in found.items() if key not in plurals}


def _of_python(text: str, place: Path) -> Iterator[tuple[int, Key]]:
    # Babel reads tokens, and before Python 3.12 a call inside an f-string is none.
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
        if name not in _CALLS:
            continue
        wanted = len(_CALLS[name])
        said = [each.value for each in call.args[:wanted] if isinstance(each, ast.Constant)]
        words = [each for each in said if isinstance(each, str)]
        if len(words) != wanted:
            raise NotAString(f"{place}:{call.lineno}: {ast.unparse(call)}")
        context = words.pop(0) if _CALLS[name] in (_ONE_HERE, _MANY_HERE) else None
        yield call.lineno, (context, tuple(words) if words[1:] else words[0])


def _of_template(text: str, place: Path) -> Iterator[tuple[int, Key]]:
    # Django turns everything but the strings into noise; indented noise is no Python.
    code = "\n".join(line.strip() for line in templatize(text, origin=str(place)).split("\n"))
    for line, message, _comments, context in extract("python", BytesIO(code.encode()), _CALLS):
        yield line, (context, message if isinstance(message, str) else tuple(message))


def faults(catalogue: Catalog, wanted: dict[Key, str]) -> Iterator[str]:
    """What is wrong with a catalogue for these strings, each in a sentence with its place."""
    held = _held(catalogue)
    for key, place in wanted.items():
        if key not in held:
            yield f"{place}: missing: {_named(key)}"
    for key, message in held.items():
        place = wanted.get(key, "")
        if not place:
            yield f"no source says this any more: {_named(key)}"
            continue
        forms = _forms(message.string)
        if message.fuzzy or not all(forms):
            yield f"{place}: not translated: {_named(key)}"
            continue
        yield from (f"{place}: {_named(key)}: {error}" for error in message.check(catalogue))
        # Only a form that the language uses for none as well must name the number.
        allowed = [sorted(_PLACEHOLDER.findall(each)) for each in _forms(message.id)]
        for form in forms:
            if sorted(_PLACEHOLDER.findall(form)) not in allowed:
                yield f"{place}: other placeholders than {_named(key)}: {form!r}"


def _held(catalogue: Catalog) -> dict[Key, Message]:
    return {
        (each.context, each.id if isinstance(each.id, str) else tuple(each.id)): each
        for each in catalogue
        if each.id
    }


def _forms(said: str | Sequence[str] | None) -> list[str]:
    """A message has one, one with a plural several; an empty one where none is written."""
    return [said or ""] if isinstance(said, str | None) else list(said)


def _named(key: Key) -> str:
    context, message = key
    return f"{message!r} (context {context!r})" if context else repr(message)


def renew(file: Path, wanted: dict[Key, str]) -> None:
    """Write a catalogue with these strings in this order: kept, or empty if they are new."""
    held = _held(read_catalogue(file))
    new = Catalog(locale=language_of(file))
    for context, message in wanted:
        kept = held.get((context, message))
        string = kept.string if kept else None
        flags = kept.flags if kept else ()
        new.add(message, string, context=context, flags=flags)
    body = BytesIO()
    write_po(body, new, width=0, no_location=True, omit_header=True)
    # No names, no dates: the header stays as it is.
    header = file.read_text().partition("\n\n")[0]
    file.write_text(f"{header}\n\n{body.getvalue().decode().strip()}\n")
