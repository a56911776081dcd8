"""Imports of bills: the file, what was understood, what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.common.primary_keys import new_key
from tenants.people.models import User


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    """Imports by what is to be done with them."""

    def at_work(self) -> ImportRunQuerySet:
        """Those that the worker reads or writes, or is about to."""
        return self.filter(state__in=ImportRun.AT_WORK)


class ImportRun(models.Model):
    """One file: previewed, then imported whole or refused.

    A large file is read (``READING``) and written (``RUNNING``) by the worker; each firm has at
    most one in either state. What could not be ended is ``FAILED``: nothing of it was written.
    """

    class State(models.TextChoices):
        READING = "reading", _("Being read")
        PREVIEWED = "previewed", _("Ready to import")
        REFUSED = "refused", _("Refused")
        RUNNING = "running", _("Being imported")
        IMPORTED = "imported", _("Imported")
        FAILED = "failed", _("Failed")

    class Format(models.TextChoices):
        LEDES_1998B = "ledes1998b", "LEDES 1998B"
        LEDES_1998BI = "ledes1998bi", "LEDES 98BI V2"
        CSV = "csv", "CSV"

    AT_WORK: ClassVar[tuple[State, ...]] = (State.READING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(max_length=10, choices=State)
    format = models.CharField(max_length=12, choices=Format)
    file_name = models.CharField(max_length=200)
    # Empty until the file has been read.
    sha256 = models.CharField(max_length=64, blank=True, default="")
    stored_file = models.CharField(max_length=200, blank=True, default="")
    mapping = models.JSONField(default=dict, blank=True)
    # Counts and totals of the file, and what importing it would create or skip.
    summary = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    imported_at = models.DateTimeField(null=True)
    # Percent of the file that the worker has read.
    progress = models.PositiveSmallIntegerField(default=0)
    # How often the worker has begun with the present state, and when it was last heard of.
    attempts = models.PositiveSmallIntegerField(default=0)
    worked_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ImportRunQuerySet.as_manager()

    class Meta:
        db_table = "import_run"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["sha256"], name="import_run_sha256")]
        constraints = [
            # What a firm has waiting for the worker is bounded, so that another firm's waits less.
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state__in=["reading", "running"]),
                name="import_run_one_at_work",
            )
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_at_work(self) -> bool:
        """Whether the worker reads or writes it, or is about to."""
        return self.state in self.AT_WORK
