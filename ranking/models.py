"""Selections and their counts, as the SQL store keeps them, and the results computed from the counts.

With SELECTION_STORE=dynamodb these tables stay empty, but for the operators' exclusions. There are no
foreign keys: a selection outlives the destination it chose, and a count outlives its selections.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Selection(models.Model):
    """One choice of a country. Expires; its counts stay."""

    id = models.CharField(max_length=32, primary_key=True)
    country_code = models.CharField(max_length=2)
    selection_date = models.DateField(help_text="The Seoul day it counts for")
    selected_at = models.DateTimeField()
    visitor = models.CharField(max_length=64, help_text="Keyed hash; the key changes with the day")
    address_hash = models.CharField(max_length=64)
    agent_hash = models.CharField(max_length=64)
    user = models.TextField(blank=True, help_text="Encrypted")
    session = models.TextField(blank=True, help_text="Encrypted")
    key_id = models.CharField(max_length=16, help_text="Which key encrypted them")
    referrer = models.CharField(max_length=500, blank=True)
    # The first selection of a request carries its key for all of them: they are one transaction.
    idempotency_key = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - NULLs do not collide
    request_fingerprint = models.CharField(max_length=64, blank=True)
    request_place = models.PositiveSmallIntegerField(default=0, help_text="Its place in its request")
    request_id = models.CharField(max_length=32, help_text="The id of the request's first selection")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "travel_destination_selections"
        indexes = (
            models.Index(fields=("selection_date", "country_code"), name="country_date_index"),
            models.Index(fields=("request_id",), name="selections_of_a_request"),
            models.Index(fields=("key_id",), name="selections_under_a_key"),
        )

    def __str__(self) -> str:
        return f"{self.country_code} {self.selected_at:%Y-%m-%d %H:%M:%S}"


class Visit(models.Model):
    """A visitor who has chosen a country on a day, and counts for it once. Kept a few days."""

    selection_date = models.DateField()
    country_code = models.CharField(max_length=2)
    visitor = models.CharField(max_length=64)

    class Meta:
        db_table = "destination_visits"
        constraints = (
            models.UniqueConstraint(
                fields=("selection_date", "country_code", "visitor"), name="visit_counts_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.country_code} {self.selection_date}"


class DailyCount(models.Model):
    """A share of what was counted for a country on a day: no single row that everybody waits for."""

    selection_date = models.DateField()
    country_code = models.CharField(max_length=2)
    shard = models.PositiveSmallIntegerField()
    selections = models.PositiveIntegerField(default=0)
    visitors = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "destination_daily_counts"
        constraints = (
            models.UniqueConstraint(
                fields=("selection_date", "country_code", "shard"), name="daily_count_is_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.country_code} {self.selection_date} {self.selections}"


class RankingResult(models.Model):
    """A computed result: the snapshot of a period, or the sealed counts of a past day."""

    period = models.CharField(max_length=32, primary_key=True)
    version = models.PositiveBigIntegerField()
    body = models.JSONField()

    class Meta:
        db_table = "ranking_results"

    def __str__(self) -> str:
        return f"{self.period} {self.version}"


class RankingExclusion(models.Model):
    """A burst of selections of one country that rankings count without; wherever selections are kept.

    `selections` and `visitors` are what it takes out beside the exclusions of that country and day
    that were made before it, so that together they take out what all of them cover, once. Rows stay:
    they are the record of who took out what, when and why.
    """

    country_code = models.CharField(_("country"), max_length=2)
    day = models.DateField(_("day"), help_text="Seoul day")
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="Not included")
    reason = models.CharField(_("reason"), max_length=500)
    selections = models.PositiveIntegerField(_("selections"), default=0)
    visitors = models.PositiveIntegerField(_("visitors"), default=0)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, help_text="User name")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, blank=True)
    undone_why = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "ranking_exclusions"
        ordering = ("-made_at", "-pk")
        verbose_name = _("burst left out of rankings")
        verbose_name_plural = _("bursts left out of rankings")
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="exclusion_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(made_by=""), name="exclusion_has_a_reason"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | (~Q(undone_by="") & ~Q(undone_why="")),
                name="exclusion_undone_for_a_reason",
            ),
        )
        indexes = (models.Index(fields=("day", "country_code"), name="exclusion_by_day"),)

    def __str__(self) -> str:
        return f"{self.country_code} {self.day}"
