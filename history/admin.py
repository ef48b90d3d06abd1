"""Operators look at bars; they change only with the observations behind them."""

from django.contrib import admin
from django.http import HttpRequest

from history.models import DailyRate


@admin.register(DailyRate)
class DailyRateAdmin(admin.ModelAdmin[DailyRate]):
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
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DailyRate | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DailyRate | None = None) -> bool:
        return False
