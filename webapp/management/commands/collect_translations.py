"""``manage.py collect_translations``: brings the catalogues' strings in line with the sources."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from webapp.kit import catalogues


class Command(BaseCommand):
    """Adds new strings without a translation, takes out those no source says any more."""

    help = "Bring the message catalogues in line with the sources."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = catalogues.strings_of_sources(settings.BASE_DIR)
        for file in catalogues.catalogue_files():
            catalogues.renew(file, wanted)
