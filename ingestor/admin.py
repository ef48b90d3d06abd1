"""What operators see of the pipeline; what they can do has a module for each deed."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.evidence import EvidenceAdmin
from config.templatetags.cldr import number
from ingestor import collect_admin, gaps_admin, payload_admin, rebuild_admin
from ingestor.backfill_admin import BackfillAdmin
from ingestor.models import Backfill, CollectionLog, Lease, Notice, ProviderCircuit, QuarantinedRate
from ingestor.quarantine_admin import QuarantinedRateAdmin

admin.site.register(Backfill, BackfillAdmin)
admin.site.register(QuarantinedRate, QuarantinedRateAdmin)


@admin.register(CollectionLog)
class CollectionLogAdmin(EvidenceAdmin[CollectionLog]):
    list_display = (
        "provider",
        "started_at",
        "outcome",
        "trigger",
        "figures",
        "quarantined_count",
        "rejected_count",
        "duration_ms",
        "why_it_failed",
    )
    list_filter = ("outcome", "provider", "trigger", ("started_at", admin.DateFieldListFilter))
    search_fields = ("=correlation_id", "=provider", "error")
    fields = (
        "provider",
        "trigger",
        "outcome",
        "started_at",
        "ended_at",
        "duration_ms",
        "new_count",
        "same_count",
        "revised_count",
        "quarantined_count",
        "rejected_count",
        "reasons",
        "error",
        "what_was_fetched",
        "correlation_id",
    )
    readonly_fields = ("reasons", "what_was_fetched")

    @admin.display(description=gettext_lazy("new · known · corrected"))
    def figures(self, row: CollectionLog) -> str:
        return " · ".join(number(count) for count in (row.new_count, row.same_count, row.revised_count))

    @admin.display(description=gettext_lazy("error"))
    def why_it_failed(self, row: CollectionLog) -> str:
        return row.error if len(row.error) <= 90 else f"{row.error[:89]}…"

    @admin.display(description=gettext_lazy("rejected reasons"))
    def reasons(self, row: CollectionLog) -> Any:
        told: dict[str, int] = row.rejected_reasons or {}
        if not told:
            return "–"
        lines = sorted(told.items(), key=lambda item: (-item[1], item[0]))
        items = format_html_join("", "<li>{}: {}</li>", lines)
        return format_html("<ul>{}</ul>", items)

    @admin.display(description=gettext_lazy("what was fetched"))
    def what_was_fetched(self, row: CollectionLog) -> Any:
        if not row.payloads:
            return "–"
        return format_html(
            "<ul>{}</ul>",
            format_html_join(
                "",
                '<li>{} → <a class="underline" href="{}"><code>{}</code></a></li>',
                (
                    (
                        one.get("url") or _("shipped with the code"),
                        reverse("admin:ingestor_payload", args=[row.pk, place]),
                        one.get("archive_key"),
                    )
                    for place, one in enumerate(row.payloads)
                ),
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("collect/<slug:key>/", view(collect_admin.collect_now), name="ingestor_collect"),
            path("<int:pk>/payload/<int:number>/", view(payload_admin.payload), name="ingestor_payload"),
            path("gaps/", view(gaps_admin.page), name="ingestor_gaps"),
            path("rebuild-bars/", view(rebuild_admin.begin), name="ingestor_rebuild_bars"),
            path("rebuild-bars/progress/", view(rebuild_admin.progress), name="ingestor_rebuild_progress"),
            *super().get_urls(),
        ]


@admin.register(Lease)
class LeaseAdmin(EvidenceAdmin[Lease]):
    list_display = ("provider", "holder", "expires_at")


@admin.register(ProviderCircuit)
class ProviderCircuitAdmin(EvidenceAdmin[ProviderCircuit]):
    list_display = ("key", "state", "failure_count", "opened_at", "trial_at")


@admin.register(Notice)
class NoticeAdmin(EvidenceAdmin[Notice]):
    """The public record as it is kept; readers see it in words under /about."""

    list_display = ("kind", "source", "subject", "started_at", "ended_at", "updated_at")
    list_filter = ("kind",)
    search_fields = ("=source", "subject")
