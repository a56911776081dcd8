"""Versions of the firm's look."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from branding.look.validators import validate_colour, validate_links, validate_texts
from infra.common.names import validate_plain_name
from infra.common.primary_keys import new_key


class Brand(models.Model):
    """One version of the firm's look: at most one draft, one published; older ones can come back."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Earlier")

    class Corner(models.TextChoices):
        SQUARE = "square", _("Square")
        SOFT = "soft", _("Soft")
        ROUND = "round", _("Round")

    class Typeface(models.TextChoices):
        SYSTEM = "system", _("The device's own")
        INTER = "inter", _("Inter (sans serif)")
        SOURCE_SERIF = "source-serif", _("Source Serif (book face)")

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    display_name = models.CharField(
        max_length=120, blank=True, default="", validators=[validate_plain_name]
    )
    colour = models.CharField(max_length=7, default="#1f3a5f", validators=[validate_colour])
    accent = models.CharField(max_length=7, blank=True, default="", validators=[validate_colour])
    corner = models.CharField(max_length=6, choices=Corner, default=Corner.SOFT)
    typeface = models.CharField(max_length=12, choices=Typeface, default=Typeface.SYSTEM)
    # File names in the firm's storage; images are re-encoded PNG.
    logo = models.CharField(max_length=200, blank=True, default="")
    logo_dark = models.CharField(max_length=200, blank=True, default="")
    icon = models.CharField(max_length=200, blank=True, default="")
    # Texts by language code.
    welcome = models.JSONField(default=dict, blank=True, validators=[validate_texts])
    footer = models.JSONField(default=dict, blank=True, validators=[validate_texts])
    footer_links = models.JSONField(default=list, blank=True, validators=[validate_links])
    stylesheet = models.TextField(blank=True, default="")
    stylesheet_hash = models.CharField(max_length=12, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "brand"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state__in=["draft", "published"]),
                name="brand_one_draft_one_published",
            ),
            models.CheckConstraint(
                condition=models.Q(colour__regex=r"^#[0-9a-fA-F]{6}$"), name="brand_colour_hex"
            ),
        ]
        indexes = [models.Index(fields=["stylesheet_hash"], name="brand_stylesheet")]

    def __str__(self) -> str:
        return self.display_name or str(self.id)
