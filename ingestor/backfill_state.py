"""The table of backfills: which past days an operator has asked for, and how far it has come."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class BackfillState(models.TextChoices):
    """`stopped`: it waits for an operator, who resumes or cancels it."""

    RUNNING = "running", _("running")
    STOPPED = "stopped", _("stopped")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")


class Backfill(models.Model):
    """A range of one provider's rate dates to be collected, part by part; written by `ingestor.backfill`.

    `next_date` is the first day that is not done: all that is needed to carry on after a kill.
    """

    provider = models.CharField(max_length=32, help_text="Provider key")
    first_date = models.DateField(help_text="Rate dates, in the provider's zone")
    last_date = models.DateField()
    next_date = models.DateField(help_text="The first day that is not done")
    state = models.CharField(max_length=16, choices=BackfillState.choices, default=BackfillState.RUNNING)
    # NULL, not "": of many that do not run, none is the only one.
    running_for = models.CharField(  # noqa: DJ001
        max_length=32, null=True, blank=True, editable=False, help_text="The provider, while this is running"
    )
    asked_by = models.CharField(max_length=150)
    why = models.TextField()
    asked_at = models.DateTimeField()
    moved_at = models.DateTimeField(help_text="When its last part ended, well or not")
    again_at = models.DateTimeField(null=True, blank=True, help_text="After a failure: not before then")
    ended_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="In a row")
    error = models.TextField(blank=True, help_text="Of the last part, without keys")
    new_count = models.PositiveIntegerField(default=0)
    same_count = models.PositiveIntegerField(default=0)
    revised_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "ingestor"
        db_table = "backfills"
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("running_for",), name="backfill_one_running_a_provider"),
            models.CheckConstraint(
                condition=Q(state__in=BackfillState.values), name="backfill_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="running", running_for__isnull=False, running_for=F("provider"))
                | Q(~Q(state="running"), running_for__isnull=True),
                name="backfill_is_running_for_its_provider",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("running", "stopped"), ended_at__isnull=True)
                | Q(state__in=("done", "cancelled"), ended_at__isnull=False),
                name="backfill_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(first_date__lte=F("last_date"), next_date__gte=F("first_date")),
                name="backfill_goes_forward",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="backfill_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.first_date} – {self.last_date}"

    @property
    def days(self) -> int:
        """Calendar days in all."""
        return int((self.last_date - self.first_date).days) + 1

    @property
    def days_done(self) -> int:
        return int((self.next_date - self.first_date).days)

    @property
    def last_done(self) -> date:
        """The last day that is done; before the first day where none is."""
        before: date = self.next_date - timedelta(days=1)
        return before

    @property
    def percent(self) -> int:
        return 100 * self.days_done // self.days

    @property
    def is_running(self) -> bool:
        return bool(self.state == BackfillState.RUNNING)

    @property
    def is_open(self) -> bool:
        return self.state in {BackfillState.RUNNING, BackfillState.STOPPED}
