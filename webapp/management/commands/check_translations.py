"""``manage.py check_translations``: every catalogue that is there is complete and well formed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Names each message that is empty, fuzzy or breaks its placeholders."""

    help = "Check the message catalogues."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for folder in settings.LOCALE_PATHS:
            for source in sorted(Path(folder).glob("*/LC_MESSAGES/*.po")):
                with source.open("rb") as file:
                    catalogue = read_po(file, locale=source.parent.parent.name)
                for message in catalogue:
                    if message.id and (not message.string or message.fuzzy):
                        faults += 1
                        self.stderr.write(f"{source}: not translated: {message.id!r}")
                for message, errors in catalogue.check():
                    faults += len(errors)
                    for error in errors:
                        self.stderr.write(f"{source}: {message.id!r}: {error}")
        if faults:
            raise CommandError(f"{faults} fault(s) in the catalogues.")
