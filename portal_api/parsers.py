"""Bodies that programs send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from infra.common.errors import Invalid

# What PostgreSQL takes in no text, and no answer can repeat: NUL and lone surrogates.
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class FlatJsonParser(JSONParser):
    """JSON of plain text. Raises ``Invalid`` naming the field whose text (or key) cannot be kept.

    What is nested deeper than Python can follow is the sender's fault, not ours.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
            unkeepable = list(_unkeepable(found, ""))
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
        if unkeepable:
            raise Invalid(fields=dict.fromkeys(unkeepable, [_("Give plain text.")]))
        return found


def _unkeepable(value: Any, path: str) -> Iterator[str]:
    """The paths (``lines[0].description``) of texts that cannot be kept."""
    if isinstance(value, str):
        if UNKEEPABLE.search(value):
            yield path or "_"
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _unkeepable(inner, f"{path}[{at}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if UNKEEPABLE.search(name):
                yield path or "_"
            else:
                yield from _unkeepable(inner, f"{path}.{name}" if path else name)
