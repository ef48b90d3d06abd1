"""What operators see of the pipeline, and where they release or drop what was held back."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from config.evidence import EvidenceAdmin
from ingestor import quarantine
from ingestor.models import CollectionLog, Lease, ProviderCircuit, QuarantinedRate


@admin.register(CollectionLog)
class CollectionLogAdmin(EvidenceAdmin[CollectionLog]):
    list_display = (
        "provider",
        "started_at",
        "outcome",
        "trigger",
        "new_count",
        "same_count",
        "revised_count",
        "quarantined_count",
        "rejected_count",
        "duration_ms",
        "error",
    )
    list_filter = ("outcome", "provider", "trigger")
    search_fields = ("=correlation_id",)


@admin.register(QuarantinedRate)
class QuarantinedRateAdmin(EvidenceAdmin[QuarantinedRate]):
    """Nothing is edited here; the two actions decide, under the operator's name."""

    list_display = (
        "currency_code",
        "source",
        "rate_date",
        "deal_base_rate",
        "reason",
        "neighbours",
        "state",
        "decided_by",
        "decided_at",
    )
    list_filter = ("state", "source")
    search_fields = ("=currency_code",)
    actions = ("release", "drop")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ingestor.change_quarantinedrate")

    @admin.action(description="Release: publish the selected values", permissions=["decide"])
    def release(self, request: HttpRequest, chosen: QuerySet[QuarantinedRate]) -> None:
        self._decide(request, chosen, release=True)

    @admin.action(description="Drop: never publish the selected values", permissions=["decide"])
    def drop(self, request: HttpRequest, chosen: QuerySet[QuarantinedRate]) -> None:
        self._decide(request, chosen, release=False)

    def _decide(self, request: HttpRequest, chosen: QuerySet[QuarantinedRate], *, release: bool) -> None:
        decide = quarantine.release if release else quarantine.drop
        done = 0
        for row in chosen.order_by("recorded_at", "pk"):
            try:
                decide(row.pk, by=request.user.get_username(), note="", now=timezone.now())
            except (quarantine.AlreadyDecided, quarantine.Superseded) as exc:
                self.message_user(request, f"{row}: {exc}", messages.WARNING)
            else:
                done += 1
        if done:
            self.message_user(request, f"{done} {'released' if release else 'dropped'}.", messages.SUCCESS)


@admin.register(Lease)
class LeaseAdmin(EvidenceAdmin[Lease]):
    list_display = ("provider", "holder", "expires_at")


@admin.register(ProviderCircuit)
class ProviderCircuitAdmin(EvidenceAdmin[ProviderCircuit]):
    list_display = ("key", "state", "failure_count", "opened_at", "trial_at")
