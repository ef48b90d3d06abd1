"""Operators look at bars; they change only with the observations behind them."""

from django.contrib import admin

from config.evidence import EvidenceAdmin
from history.models import DailyRate


@admin.register(DailyRate)
class DailyRateAdmin(EvidenceAdmin[DailyRate]):
    list_display = (
        "currency_code",
        "rate_date",
        "source",
        "open",
        "high",
        "low",
        "close",
        "observation_count",
    )
    list_filter = ("source",)
    search_fields = ("=currency_code",)
