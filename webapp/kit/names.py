"""How people are addressed."""

from __future__ import annotations


def first_name(name: str) -> str:
    """How a person is greeted: the first word that is no title (``Dr.``)."""
    words = [word for word in name.split() if not word.endswith(".")]
    return words[0] if words else name
