"""Operators look at bars and at how forecasts have done; both change only with what is behind them."""

from django.contrib import admin

from config.evidence import EvidenceAdmin
from history.models import DailyRate, ForecastBacktest


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


@admin.register(ForecastBacktest)
class ForecastBacktestAdmin(EvidenceAdmin[ForecastBacktest]):
    list_display = (
        "currency_code",
        "base_code",
        "source",
        "method",
        "horizon",
        "coverage",
        "mean_absolute_error_percent",
        "observations",
        "newest_date",
    )
    list_filter = ("horizon", "source", "method")
    search_fields = ("=currency_code",)
    ordering = ("currency_code", "base_code", "source", "method", "horizon")
