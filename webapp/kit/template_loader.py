"""Templates without their indentation: it is for those who write them, not for the wire.

A list of 25 rows carried three kilobytes of it.
"""

from __future__ import annotations

import re
from typing import Any

from django_cotton.cotton_loader import Loader as CottonLoader

INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class Loader(CottonLoader):  # type: ignore[misc]
    """django-cotton's loader. Line ends stay, so that an error names the right line."""

    def get_contents(self, origin: Any) -> str:
        text: str = super().get_contents(origin)
        return INDENTATION.sub("", text) if origin.name.endswith(".html") else text
