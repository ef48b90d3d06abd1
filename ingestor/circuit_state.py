"""The table behind the circuit breakers, so that every process sees the same circuits."""

from django.db import models
from django.db.models import Q


class ProviderCircuit(models.Model):
    """Whether one provider is being asked at all; written only by `ingestor.circuit`."""

    key = models.CharField(max_length=32, primary_key=True, help_text="Provider key")
    state = models.CharField(max_length=16, default="closed", help_text="closed, open or half-open")
    failure_count = models.PositiveIntegerField(default=0, help_text="Failed runs in a row")
    success_count = models.PositiveIntegerField(default=0, help_text="Good trial runs while half-open")
    opened_at = models.DateTimeField(null=True, blank=True)
    trial_at = models.DateTimeField(null=True, blank=True, help_text="When the one trial run set out")

    class Meta:
        app_label = "ingestor"
        db_table = "provider_circuits"
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("closed", "open", "half-open")), name="circuit_state_is_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.state} ({self.failure_count})"
