"""Ways in that only whoever runs the servers can open: the first operator, and who is locked out.

There is no page for this: it asks for a command line on the installation. Each use is on the
audit trail of the firm it concerns, and the person is told by mail.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from infra.audit.services import record_event
from infra.common.errors import Invalid, NotFound
from tenants.access.credential_changes import way_in_changed
from tenants.access.events import FactorRemoved
from tenants.access.models import Authenticator, RecoveryCode
from tenants.access.password_reset import reset_address
from tenants.people.models import User


class NobodyWithThisAddress(NotFound):
    """The firm has no active person with this address."""

    message = _("Nobody active has this address here.")


def person_to_let_in(*, email: str) -> User:
    """The active person of the current firm with this address. Raises ``NobodyWithThisAddress``."""
    found: User | None = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise NobodyWithThisAddress
    return found


def make_operator(*, email: str, name: str) -> User:
    """An operator in the current (operator's) schema, without a password; one who is there already
    stays as they are. Raises ``Invalid`` for what is no address."""
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(fields={"email": list(error.messages)}) from error
    with transaction.atomic():
        user, is_new = User.objects.get_or_create(
            email=email, kind=User.Kind.OPERATOR, defaults={"name": name or email}
        )
        if is_new:
            user.set_unusable_password()
            user.save(update_fields=["password"])
            record_event("operator.made", by=None, about=user)
    return user


def let_in(*, user: User) -> str:
    """The address of a page where the person sets a new password; it is good for an hour."""
    record_event("password.link_printed", by=None, about=user)
    return reset_address(user)


def forget_authenticator(*, user: User) -> None:
    """Take away an authenticator app that the person lost, with its recovery codes."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        RecoveryCode.objects.filter(user=user).delete()
        way_in_changed(user=user, change=FactorRemoved)
