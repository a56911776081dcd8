"""``manage.py build_typefaces``: cut the web fonts from their packages; quick when nothing changed."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from infra.rendering.pdf.fonts import font_config_file
from webapp.kit.typefaces import build_webfonts


class Command(BaseCommand):
    """Run before ``collectstatic``."""

    help = "Cut the bundled typefaces into web fonts."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        build_webfonts(settings.WEBFONTS_DIR / "typefaces")
        # The plain cuts that papers are set in, so that the first PDF need not wait for them.
        font_config_file()
