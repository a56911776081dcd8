"""Imports of bills: the file, what was understood, what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.common.primary_keys import new_key
from tenants.people.models import User


class ImportRun(models.Model):
    """One file: previewed, then imported whole or refused."""

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("Ready to import")
        REFUSED = "refused", _("Refused")
        IMPORTED = "imported", _("Imported")

    class Format(models.TextChoices):
        LEDES_1998B = "ledes1998b", "LEDES 1998B"
        LEDES_1998BI = "ledes1998bi", "LEDES 98BI V2"
        CSV = "csv", "CSV"

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(max_length=10, choices=State)
    format = models.CharField(max_length=12, choices=Format)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    stored_file = models.CharField(max_length=200, blank=True, default="")
    mapping = models.JSONField(default=dict, blank=True)
    # Counts and totals of the file, and what importing it would create or skip.
    summary = models.JSONField(default=dict, blank=True)
    problems = models.JSONField(default=list, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    imported_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        db_table = "import_run"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["sha256"], name="import_run_sha256")]

    def __str__(self) -> str:
        return self.file_name
