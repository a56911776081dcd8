"""Sentences that end in a name."""

from __future__ import annotations

from django import template

from infra.common.formats import one_stop

register = template.Library()

register.filter("one_stop", one_stop, is_safe=True)
