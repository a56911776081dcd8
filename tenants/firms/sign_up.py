"""Sign up a firm: the request, its confirmation link, the firm that comes of it."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.common.errors import NotAllowed, NotFound
from infra.common.names import require_plain_names
from infra.common.request_context import current_origin
from infra.events.task_base import enqueue_best_effort
from infra.tenancy.firm_context import in_public
from infra.tenancy.signing import token_hash
from infra.throttling.services import Limit, Throttled, Use, take
from tenants.firms.lifecycle import open_firm
from tenants.firms.models import Firm, SignUp
from tenants.firms.provisioning.spares import NoSpareSchema
from tenants.firms.slugs import require_available
from tenants.firms.tasks import keep_spare_schemas, send_sign_up_mail

SIGN_UP_LIFE = timedelta(hours=48)


# Anybody can type anybody's address: no mailbox is to be flooded, and nobody's words go far.
SIGN_UPS_TO_ADDRESS = Limit("sign-up/recipient", 3, timedelta(hours=1))
SIGN_UPS_FROM_NETWORK = Limit("sign-up/network", 5, timedelta(hours=1))


class SignUpExpired(NotFound):
    """The confirmation link is unknown, used or too old."""

    message = _("This link is no longer valid. Please sign up again; it takes a minute.")


class TooManySignUps(NotAllowed):
    """Asked for often within the last hour, for this address or from this network."""

    message = _("This address was given several times just now. Please wait an hour.")

    def __init__(self, found: Throttled) -> None:
        super().__init__(
            _("Several portals were asked for from your connection just now. Please wait an hour.")
            if found.limit == SIGN_UPS_FROM_NETWORK
            else None
        )
        self.retry_after = found.retry_after


def request_sign_up(
    *, firm_name: str, slug: str, country: str, language: str, owner_name: str, owner_email: str
) -> SignUp:
    """Note who wants a portal and send the confirmation link.

    Raises ``SlugUnavailable``, ``TooManySignUps``, ``LinkInName``.
    """
    require_plain_names(firm_name=firm_name, owner_name=owner_name)
    owner_email = owner_email.strip().lower()
    with in_public(), transaction.atomic():
        require_available(slug)
        try:
            take(
                Use(SIGN_UPS_FROM_NETWORK, current_origin().network),
                Use(SIGN_UPS_TO_ADDRESS, owner_email),
            )
        except Throttled as found:
            raise TooManySignUps(found) from found
        sign_up = SignUp.objects.create(
            firm_name=firm_name,
            slug=slug,
            country=country,
            language=language,
            owner_name=owner_name,
            owner_email=owner_email,
            expires_at=timezone.now() + SIGN_UP_LIFE,
        )
        transaction.on_commit(
            lambda: enqueue_best_effort(send_sign_up_mail, sign_up_id=str(sign_up.pk)), robust=True
        )
    return sign_up


def pending_sign_up(token: str) -> SignUp:
    """The request a confirmation link belongs to; raises ``SignUpExpired``."""
    with in_public():
        found = SignUp.objects.filter(
            token_hash=token_hash(token), expires_at__gt=timezone.now()
        ).first()
    if found is None:
        raise SignUpExpired
    return found


def confirm_sign_up_firm(*, token: str) -> tuple[SignUp, Firm, bool]:
    """Turn a confirmed request into a firm, once: asking again returns the same firm.

    Returns the request, the firm, and whether it was made by this call. Raises ``SignUpExpired``,
    and ``NoSpareSchema`` while the worker builds the firm's schema: then it may be asked again.
    """
    try:
        return _confirm(token)
    except NoSpareSchema:
        enqueue_best_effort(keep_spare_schemas)
        raise


def _confirm(token: str) -> tuple[SignUp, Firm, bool]:
    with in_public(), transaction.atomic():
        sign_up = (
            SignUp.objects.select_for_update(of=("self",))
            .filter(token_hash=token_hash(token), expires_at__gt=timezone.now())
            .first()
        )
        if sign_up is None:
            raise SignUpExpired
        if sign_up.firm is not None:
            return sign_up, sign_up.firm, False
        firm = open_firm(
            name=sign_up.firm_name,
            slug=sign_up.slug,
            country=sign_up.country,
            language=sign_up.language,
            owner_email=sign_up.owner_email,
        )
        sign_up.firm = firm
        sign_up.confirmed_at = timezone.now()
        sign_up.save(update_fields=["firm", "confirmed_at"])
        return sign_up, firm, True
