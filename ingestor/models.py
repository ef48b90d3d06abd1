"""What the pipeline keeps of itself: every run, every value held back, who is collecting now."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from currency.models import RATE
from ingestor.backfill_state import Backfill, BackfillState
from ingestor.circuit_state import ProviderCircuit
from ingestor.notice import Kind, Notice

__all__ = [
    "Backfill",
    "BackfillState",
    "CollectionLog",
    "Kind",
    "Lease",
    "Notice",
    "Outcome",
    "ProviderCircuit",
    "QuarantinedRate",
    "State",
    "Trigger",
]


class Trigger(models.TextChoices):
    """Who asked for a run."""

    SCHEDULE = "schedule", _("Schedule")
    COMMAND = "command", _("Command")
    OPERATOR = "operator", _("Operator")
    BUNDLED = "bundled", _("Bundled")
    BACKFILL = "backfill", _("Backfill")


class Outcome(models.TextChoices):
    """How a run ended: with data, with the provider's word that there is none, or not."""

    RUNNING = "running", _("Running")
    DATA = "data", _("Data")
    NO_DATA = "no_data", _("No Data")
    FAILURE = "failure", _("Failure")


class CollectionLog(models.Model):
    """One run of one provider, written when it starts, so that a killed process leaves a trace."""

    provider = models.CharField(max_length=32, help_text="Provider key")
    correlation_id = models.CharField(
        max_length=32, unique=True, help_text="Also on every log line of the run"
    )
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default=Outcome.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    new_count = models.PositiveIntegerField(default=0, help_text="Fixings seen for the first time")
    same_count = models.PositiveIntegerField(default=0, help_text="Known already, with the same figures")
    revised_count = models.PositiveIntegerField(default=0, help_text="Known with other figures: corrections")
    quarantined_count = models.PositiveIntegerField(default=0, help_text="Held back for an operator")
    rejected_count = models.PositiveIntegerField(default=0, help_text="Unusable")
    rejected_reasons = models.JSONField(default=dict, blank=True, help_text="{reason: how many}")
    error = models.TextField(blank=True, help_text="Why the run failed, without keys")
    payloads = models.JSONField(
        default=list, blank=True, help_text="[{url, archive_key}] of what was fetched, without keys"
    )

    class Meta:
        db_table = "collection_logs"
        ordering = ("-started_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(trigger__in=Trigger.values), name="run_trigger_is_known"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="run_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(outcome="running", ended_at__isnull=True, duration_ms__isnull=True)
                | Q(~Q(outcome="running"), ended_at__isnull=False, duration_ms__isnull=False),
                name="run_ends_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="run_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(Q(outcome="failure"), ~Q(error="")) | Q(~Q(outcome="failure"), Q(error="")),
                name="run_fails_with_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="no_data") | Q(new_count=0, revised_count=0),
                name="run_without_data_has_none",
            ),
        )
        indexes = (
            models.Index(fields=("provider", "started_at"), name="run_by_provider"),
            models.Index(fields=("started_at",), name="run_by_start"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.started_at:%Y-%m-%d %H:%M:%S} {self.outcome}"


class State(models.TextChoices):
    """What became of a value held back."""

    WAITING = "waiting", _("Waiting")
    RELEASED = "released", _("Released")
    DROPPED = "dropped", _("Dropped")


class QuarantinedRate(models.Model):
    """A live value held back: all of the observation it would be, and why it is not one yet.

    The same value seen again is the same row, also after an operator decided.
    """

    source = models.CharField(max_length=32, help_text="Provider key")
    currency_code = models.CharField(max_length=3)
    recorded_at = models.DateTimeField(help_text="When the provider fixed the rate, UTC")
    rate_date = models.DateField(help_text="The day on the figure, in the provider's zone")
    deal_base_rate = models.DecimalField(**RATE, help_text="KRW for one unit")
    tts = models.DecimalField(**RATE, null=True, blank=True)
    ttb = models.DecimalField(**RATE, null=True, blank=True)
    published_base = models.CharField(max_length=3)
    published_quote = models.CharField(max_length=3)
    published_unit = models.PositiveIntegerField(default=1)
    published_rate = models.CharField(max_length=32, help_text="As printed, digit for digit")
    fetched_at = models.DateTimeField()
    archive_key = models.CharField(max_length=200, blank=True, help_text="Where the raw payload is kept")
    reason = models.CharField(max_length=200)
    neighbours = models.JSONField(
        default=dict, help_text="{recent: [[day, rate]], others: {provider: [day, rate]}}, KRW for one unit"
    )
    held_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        db_table = "quarantined_rates"
        ordering = ("-held_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("currency_code", "source", "recorded_at", "deal_base_rate"),
                name="held_value_is_unique",
            ),
            models.CheckConstraint(condition=Q(deal_base_rate__gt=0), name="held_rate_is_positive"),
            models.CheckConstraint(condition=Q(published_unit__gt=0), name="held_unit_is_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="held_value_has_a_reason"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="held_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True, decided_by="")
                | Q(~Q(state="waiting"), Q(decided_at__isnull=False), ~Q(decided_by="")),
                name="held_value_is_decided_by_somebody",
            ),
        )
        indexes = (models.Index(fields=("state", "held_at"), name="held_by_state"),)

    def __str__(self) -> str:
        return f"{self.currency_code} {self.deal_base_rate} ({self.source} {self.rate_date}): {self.state}"


class Lease(models.Model):
    """Who is collecting from a provider now; an empty holder is nobody."""

    provider = models.CharField(max_length=32, primary_key=True, help_text="Provider key")
    holder = models.CharField(max_length=200, blank=True, help_text="host:pid:run")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "provider_leases"

    def __str__(self) -> str:
        return f"{self.provider}: {self.holder or 'free'}"
