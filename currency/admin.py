"""Operators choose what is active, in which order, and whom we believe first."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from config.evidence import EvidenceAdmin
from currency.models import Currency, Destination, ExchangeRate, LatestRate, Provider


@admin.register(Currency)
class CurrencyAdmin(admin.ModelAdmin[Currency]):
    list_display = ("code", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("is_active",)
    search_fields = ("code",)


@admin.register(Destination)
class DestinationAdmin(admin.ModelAdmin[Destination]):
    list_display = ("country_code", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("is_active",)
    search_fields = ("country_code",)


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin[Provider]):
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
