"""Operators choose what is active, in which order, and whom we believe first."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest

from config.cache import generation
from config.evidence import EvidenceAdmin
from currency.models import Currency, Destination, ExchangeRate, LatestRate, Provider

_Row = TypeVar("_Row", bound=models.Model)


class _ShownAtOnce(admin.ModelAdmin[_Row]):
    """What is saved here decides what is shown: answers stored before are old."""

    def save_model(self, request: HttpRequest, obj: _Row, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(generation.move_on)

    def delete_model(self, request: HttpRequest, obj: _Row) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(generation.move_on)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[_Row]) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(generation.move_on)


@admin.register(Currency)
class CurrencyAdmin(_ShownAtOnce[Currency]):
    list_display = ("code", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("is_active",)
    search_fields = ("code",)


@admin.register(Destination)
class DestinationAdmin(_ShownAtOnce[Destination]):
    list_display = ("country_code", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("is_active",)
    search_fields = ("country_code",)


@admin.register(Provider)
class ProviderAdmin(_ShownAtOnce[Provider]):
    """Identity and schedule come from the provider's data file; belief and use are set here."""

    list_display = ("key", "name_ko", "priority", "is_enabled", "calendar", "coverage_start")
    list_editable = ("priority", "is_enabled")
    fields = ("key", "name_ko", "name_en", "priority", "is_enabled", "kind", "terms_url")
    readonly_fields = ("key", "name_ko", "name_en", "kind", "terms_url")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        return False


@admin.register(ExchangeRate)
class ExchangeRateAdmin(EvidenceAdmin[ExchangeRate]):
    list_display = (
        "currency_code",
        "rate_date",
        "deal_base_rate",
        "source",
        "revision",
        "published_rate",
        "published_unit",
    )
    list_filter = ("source",)
    search_fields = ("=currency_code",)


@admin.register(LatestRate)
class LatestRateAdmin(EvidenceAdmin[LatestRate]):
    list_display = ("currency_code", "source", "rate_date", "deal_base_rate", "tts", "ttb", "first_date")
    list_filter = ("source",)
    search_fields = ("=currency_code",)
