"""``manage.py check_translations``: the catalogues hold the sources' strings, all translated."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from webapp.kit import catalogues


class Command(BaseCommand):
    """Names each string that is missing, left over, empty, fuzzy or has other placeholders."""

    help = "Check the message catalogues against the sources."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wanted = catalogues.strings_of_sources(settings.BASE_DIR)
        except catalogues.NotAString as error:
            raise CommandError(f"{error}\nMark the string itself, where it is written.") from error
        found = [
            f"{catalogues.language_of(file)}: {fault}"
            for file in catalogues.catalogue_files()
            for fault in catalogues.faults(catalogues.read_catalogue(file), wanted)
        ]
        for fault in found:
            self.stderr.write(fault)
        if found:
            raise CommandError(
                f"{len(found)} fault(s) in the catalogues. manage.py collect_translations writes"
                " new strings into them and takes old ones out; translate what is empty then."
            )
