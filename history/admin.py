"""Operators look at bars and at how forecasts have done; both change only with what is behind them."""

from django.contrib import admin

from config.evidence import EvidenceAdmin
from currency.admin_search import FoundByName
from currency.rates_admin import BySource, RatesAdmin
from history.models import DailyRate, ForecastBacktest


@admin.register(DailyRate)
class DailyRateAdmin(RatesAdmin[DailyRate]):
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
    newest_first = "rate_date"


@admin.register(ForecastBacktest)
class ForecastBacktestAdmin(FoundByName[ForecastBacktest], EvidenceAdmin[ForecastBacktest]):
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
    list_filter = ("horizon", BySource, "method")
    search_codes = {"currency_code": "currency"}
    ordering = ("currency_code", "base_code", "source", "method", "horizon")
