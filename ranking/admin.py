"""What operators see of selections and results, with the SQL store: evidence, nothing to edit."""

from django.contrib import admin

from config.evidence import EvidenceAdmin
from ranking.models import DailyCount, RankingResult, Selection


@admin.register(Selection)
class SelectionAdmin(EvidenceAdmin[Selection]):
    """Neither the encrypted user nor the session is shown: nobody here needs them."""

    list_display = ("id", "country_code", "selection_date", "selected_at", "expires_at")
    list_filter = ("selection_date",)
    search_fields = ("=country_code",)
    exclude = ("user", "session")


@admin.register(DailyCount)
class DailyCountAdmin(EvidenceAdmin[DailyCount]):
    list_display = ("selection_date", "country_code", "shard", "selections", "visitors")
    ordering = ("-selection_date", "country_code", "shard")
    search_fields = ("=country_code",)


@admin.register(RankingResult)
class RankingResultAdmin(EvidenceAdmin[RankingResult]):
    list_display = ("period", "version")
    ordering = ("-period",)
