"""``manage.py let_in EMAIL``: make an operator, or let somebody in who is locked out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from infra.common.errors import DomainError
from infra.tenancy.firm_context import FirmRef, in_firm, in_public
from tenants.access.recover_account import (
    forget_authenticator,
    let_in,
    make_operator,
    person_to_let_in,
)
from tenants.firms.lifecycle import operators_ref
from tenants.firms.models import Firm


class Command(BaseCommand):
    """Prints a link, good for an hour, where the person sets a password."""

    help = (
        "Print a link with which a person sets a new password. Without --firm the person is an"
        " operator of this installation and is made if there is none with this address."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--firm", help="the short name of the person's firm")
        parser.add_argument("--name", default="", help="the name of a new operator")
        parser.add_argument(
            "--forget-authenticator",
            action="store_true",
            help="take away an authenticator app that was lost",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ref = _firm(options["firm"]) if options["firm"] else operators_ref()
        try:
            with in_firm(ref):
                if options["firm"]:
                    user = person_to_let_in(email=options["email"])
                else:
                    user = make_operator(email=options["email"], name=options["name"])
                if options["forget_authenticator"]:
                    forget_authenticator(user=user)
                link = let_in(user=user)
        except DomainError as error:
            told = [sentence for sentences in error.fields.values() for sentence in sentences]
            raise CommandError(" ".join(told) or str(error)) from error
        self.stdout.write(link)


def _firm(slug: str) -> FirmRef:
    with in_public():
        firm = Firm.objects.filter(slug=slug, kind=Firm.Kind.LAW_FIRM).first()
        if firm is None:
            raise CommandError("No such firm.")
        ref: FirmRef = firm.ref
    return ref
