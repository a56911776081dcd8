"""The base of every task: it names its scope, and a firm's task runs inside that firm or not at all.

A task sent from inside a firm carries the firm's id in a header. A firm's task that
arrives without one, or for a firm that is not served, is refused; it never falls back
to the platform's schema.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from smtplib import SMTPException
from typing import Any, ClassVar
from uuid import UUID

from celery import shared_task
from celery.contrib.django.task import DjangoTask
from celery.exceptions import Reject
from django_tenants.utils import get_tenant_model

from infra.common.request_context import Origin, current_origin, set_origin
from infra.observability.redaction import without_addresses
from infra.tenancy.firm_context import FirmRef, NoFirm, active_firm, in_firm, in_public

logger = logging.getLogger(__name__)


def firm_by_id(firm_id: UUID | str) -> FirmRef | None:
    """The firm as tasks need it, or None if it is unknown or not served."""
    with in_public():
        firm = get_tenant_model().objects.served().filter(pk=firm_id).first()
        return firm.ref if firm else None


# Queues with workers of their own. Mails: a server that says nothing delays no payment. Long PDFs
# and large imports take a processor for seconds or minutes: nothing else waits behind them, and
# neither of them behind the other.
MAIL = "mail"
DRAWINGS = "drawings"
IMPORTS = "imports"


def firm_task(
    function: Callable[..., None] | None = None, *, queue: str = "", **options: Any
) -> Any:
    """A task that runs inside the firm it was sent from; ``options`` are Celery's."""

    def register(task: Callable[..., None]) -> Any:
        given: dict[str, object] = {"usual_queue": queue, **options}
        return shared_task(scope="firm", **given)(task)  # type: ignore[call-overload]

    return register(function) if function is not None else register


def queue_of(
    _name: str, _args: Any, _kwargs: Any, _options: Any, task: Any = None, **_more: Any
) -> dict[str, str] | None:
    """Celery's route of a task: the queue that it declares, or None for the usual one."""
    queue = getattr(task, "usual_queue", "")
    return {"queue": queue} if queue else None


def enqueue_best_effort(task: Any, **kwargs: Any) -> None:
    """Send a task now if the broker answers; a sweep finds the work if it does not."""
    try:
        task.delay(**kwargs)
    except Exception:
        logger.warning("broker does not answer; a sweep will find the work", exc_info=True)


def keep_failure(*, task: str, kwargs: Any, error: str, firm_id: UUID | str | None) -> None:
    """Keep what failed, so that an operator can see it and send it again."""
    model = get_tenant_model().failed_task_model()
    with in_public():
        model.objects.create(
            task=task,
            firm_id=firm_id,
            kwargs=kwargs or {},
            error=error[:2000],
        )


def platform_task(
    function: Callable[..., None] | None = None,
    *,
    again_after: tuple[type[Exception], ...] = (),
    queue: str = "",
) -> Any:
    """A task on the platform's own tables; tried again with growing pauses after ``again_after``."""

    def register(task: Callable[..., None]) -> Any:
        options = {"autoretry_for": again_after, "retry_backoff": 2, "max_retries": 8}
        return shared_task(scope="platform", usual_queue=queue, **options)(task)  # type: ignore[call-overload]

    return register(function) if function is not None else register


def told_of(error: BaseException) -> str:
    """An error in words that hold no mail address."""
    name = type(error).__name__
    if isinstance(error, SMTPException):
        code = getattr(error, "smtp_code", None)
        return f"{name} ({code})" if code else name
    return without_addresses(f"{name}: {error}")


class PorticoTask(DjangoTask):  # type: ignore[type-arg]
    """``scope`` is ``"firm"`` (default) or ``"platform"``."""

    abstract = True
    scope: ClassVar[str] = "firm"
    usual_queue: ClassVar[str] = ""

    def apply_async(  # type: ignore[override]
        self, args: Any = None, kwargs: Any = None, **options: Any
    ) -> Any:
        """Send the task, stamped with the firm that is active now."""
        headers = dict(options.pop("headers", None) or {})
        if self.scope == "firm" and "firm" not in headers:
            firm = active_firm()
            if firm is None:
                raise NoFirm(f"{self.name} was sent outside of a firm.")
            headers["firm"] = str(firm.id)
        headers.setdefault("request_id", current_origin().request_id)
        return super().apply_async(args, kwargs, headers=headers, **options)

    def _header(self, name: str) -> str:
        value = self.request.get(name) or (self.request.headers or {}).get(name)
        return str(value or "")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Enter the firm named in the header, or the platform, and run."""
        before = current_origin()
        set_origin(Origin(surface="task", request_id=self._header("request_id")))
        try:
            with ExitStack() as stack:
                if self.scope == "platform":
                    stack.enter_context(in_public())
                else:
                    stack.enter_context(in_firm(self._firm()))
                return super().__call__(*args, **kwargs)
        finally:
            set_origin(before)

    def _firm(self) -> FirmRef:
        firm_id = self._header("firm")
        firm = firm_by_id(firm_id) if firm_id else None
        if firm is None:
            logger.error("task refused: no served firm in its header", extra={"task": self.name})
            raise Reject(reason="no served firm", requeue=False)
        return firm

    def on_failure(self, exc: Any, task_id: str, args: Any, kwargs: Any, einfo: Any) -> None:
        """Keep what failed for the operator, who learns no address of anybody.

        What a mail server answers names the recipient: of that only its code is kept.
        """
        keep_failure(
            task=self.name,
            kwargs=kwargs,
            error=told_of(exc),
            firm_id=self._header("firm") or None,
        )
