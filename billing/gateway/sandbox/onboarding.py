"""The sandbox's page on which a firm completes its account, as functions.

The link that was asked for last opens it, once and for five minutes, as at Stripe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.gateway.interface import Requirement
from billing.gateway.sandbox import accounts, store
from billing.gateway.sandbox.errors import SandboxRefusal
from billing.gateway.sandbox.store import Data
from billing.gateway.stripe.requirements import requirement_of
from infra.common.errors import Conflict, NotFound
from infra.tenancy.firm_context import in_public


class OnboardingUnknown(NotFound):
    """There is no such page."""


class OnboardingNotOpen(Conflict):
    """The page was used, or is older than five minutes."""

    message = _("This page is no longer open. Go back and start again.")


@dataclass(frozen=True, slots=True)
class OnboardingPage:
    """What the page shows. ``back_url`` is where to go when it is no longer open."""

    account: str
    account_name: str
    missing: tuple[Requirement, ...]
    is_open: bool
    return_url: str
    back_url: str


@contextmanager
def _account(account: str) -> Iterator[Data]:
    """The account, locked, with its link; the refusal of an unknown one in our words."""
    with in_public(), transaction.atomic():
        try:
            data = store.load("", accounts.KIND, account)
        except SandboxRefusal as refusal:
            raise OnboardingUnknown from refusal
        if accounts.LINK not in data:
            raise OnboardingUnknown
        yield data


def _page(data: Data) -> OnboardingPage:
    link = data[accounts.LINK]
    left = datetime.fromisoformat(link["expires_at"]) - datetime.now(UTC)
    return OnboardingPage(
        account=data["id"],
        account_name=data["display_name"] or "",
        missing=tuple(
            requirement_of(entry["description"]) for entry in data["requirements"]["entries"]
        ),
        is_open=not link["used"] and left.total_seconds() > 0,
        return_url=link["return_url"],
        back_url=link["refresh_url"],
    )


def open_onboarding(account: str) -> OnboardingPage:
    """The page as it stands now. Raises ``OnboardingUnknown``."""
    with _account(account) as data:
        return _page(data)


def finish_onboarding(account: str) -> str:
    """Answer everything that was asked; returns where to go back to.

    Raises ``OnboardingUnknown``, ``OnboardingNotOpen``.
    """
    with _account(account) as data:
        page = _use(data)
        accounts.complete(account)
    return page.return_url


def leave_onboarding(account: str) -> str:
    """Go back with questions open; returns where to. Raises as ``finish_onboarding`` does."""
    with _account(account) as data:
        return _use(data).return_url


def _use(data: Data) -> OnboardingPage:
    page = _page(data)
    if not page.is_open:
        raise OnboardingNotOpen
    data[accounts.LINK]["used"] = True
    store.save(data)
    return page
