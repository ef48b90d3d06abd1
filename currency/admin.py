"""Operators choose what is active, in which order, and whom we believe first."""

from functools import partial
from typing import Any, TypeVar

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from config.cache import generation
from config.evidence import EvidenceAdmin
from currency import override_admin  # registers itself
from currency.models import (
    ChannelTerms,
    Currency,
    Destination,
    ExchangeRate,
    LatestRate,
    PaymentChannel,
    PriceObservation,
    Provider,
)

__all__ = ["override_admin"]

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


@admin.register(PaymentChannel)
class PaymentChannelAdmin(_ShownAtOnce[PaymentChannel]):
    list_display = ("key", "name_ko", "kind", "takes_discount", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("kind", "is_active")
    search_fields = ("key", "name_ko", "name_en")


@admin.register(ChannelTerms)
class ChannelTermsAdmin(_ShownAtOnce[ChannelTerms]):
    """Who says so, and when, is part of the terms: neither can be left empty."""

    list_display = (
        "channel",
        "currency_code",
        "buy_spread_percent",
        "sell_spread_percent",
        "discount_percent",
        "fee_percent",
        "fee_fixed",
        "fee_currency",
        "as_of",
    )
    list_filter = ("channel", "as_of")
    list_select_related = ("channel",)
    search_fields = ("=currency_code", "source_name")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(PriceObservation)
class PriceObservationAdmin(EvidenceAdmin[PriceObservation]):
    """Prices are evidence; operators add and correct them by importing a CSV file."""

    list_display = (
        "country_code",
        "item",
        "price",
        "currency_code",
        "observed_on",
        "source",
        "revision",
        "fetched_at",
    )
    list_filter = ("item", "source")
    search_fields = ("=country_code", "=item")
    date_hierarchy = "observed_on"
    ordering = ("-observed_on", "item", "country_code", "-revision")
    change_list_template = "admin/import_export/change_list_import.html"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_urls(self) -> list[URLPattern]:
        addresses = (
            ("import/", "import", "import_action"),
            ("process_import/", "process_import", "process_import"),
        )
        return [
            path(
                address,
                self.admin_site.admin_view(partial(self._importing, action)),
                name=f"currency_priceobservation_{name}",
            )
            for address, name, action in addresses
        ] + super().get_urls()

    def _importing(self, action: str, request: HttpRequest) -> HttpResponse:
        # Not at the top: the web tier starts without import-export.
        from currency.price_import_admin import PriceImportAdmin

        answer: HttpResponse = getattr(PriceImportAdmin(PriceObservation, self.admin_site), action)(request)
        return answer

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_import = request.user.has_perm("currency.add_priceobservation")
        return super().changelist_view(
            request, {**(extra_context or {}), "has_import_permission": may_import}
        )
