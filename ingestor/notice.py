"""One entry of the public record: what was wrong with the data, when, and what became of it."""

import uuid

from django.db import models
from django.db.models import F, Q


class Kind(models.TextChoices):
    """What a notice is about."""

    CORRECTION = "correction"  # a provider revised rates we had shown
    PRICE_CORRECTION = "price_correction"  # a source revised prices we had shown
    HELD = "held"  # values kept back for a look, so that a day was missing
    OUTAGE = "outage"  # an expected publication did not arrive
    OVERRIDE = "override"  # an operator set a rate by hand


class Notice(models.Model):
    """Kept as facts, told in the reader's language when it is read (notice_words.py).

    Nothing here is deleted: it is the record of what readers were shown. There are few of them, at
    most one a day for each kind and source, and one for each outage and override.
    """

    kind = models.CharField(max_length=20, choices=Kind.choices)
    source = models.CharField(max_length=32, blank=True, help_text="Key of who published; empty: an operator")
    subject = models.CharField(max_length=120, unique=True, help_text="Told twice, it is the same notice")
    public_id = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text="Its name in the feeds"
    )
    facts = models.JSONField(default=dict, help_text="What ingestor/notices.py says for each kind")
    started_at = models.DateTimeField(help_text="When it happened or began to be so, UTC")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was over; empty: it is not")
    updated_at = models.DateTimeField(help_text="When the facts last changed, UTC")
    # MySQL knows no unique key with a condition, but any number of NULLs in one.
    open_outage_of = models.CharField(  # noqa: DJ001 - NULL, not "": only NULLs may repeat
        max_length=32, null=True, blank=True, editable=False, help_text="The source, while its outage lasts"
    )

    class Meta:
        db_table = "notices"
        ordering = ("-started_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("open_outage_of",), name="notice_one_open_outage_a_source"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notice_kind_is_known"),
            models.CheckConstraint(condition=~Q(subject=""), name="notice_has_a_subject"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="notice_ends_after_start",
            ),
            models.CheckConstraint(
                # NULL = source is not false, and a check lets it pass: so NULL is ruled out by name.
                condition=Q(
                    kind="outage",
                    ended_at__isnull=True,
                    open_outage_of__isnull=False,
                    open_outage_of=F("source"),
                )
                | Q(~Q(kind="outage") | Q(ended_at__isnull=False), open_outage_of__isnull=True),
                name="notice_outage_is_open_or_ended",
            ),
        )
        indexes = (
            models.Index(fields=("started_at",), name="notice_by_start"),
            models.Index(fields=("updated_at",), name="notice_by_update"),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.started_at:%Y-%m-%d %H:%M}"
