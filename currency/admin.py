"""Operators choose what is active, in which order, and whom we believe first."""

from functools import partial
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.cache import generation
from config.evidence import EvidenceAdmin
from config.operators.reasoned import ReasonedAdmin, asked, each_noted
from currency import override_admin  # registers itself
from currency.admin_search import FoundByName
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
from currency.rates_admin import BySource, RatesAdmin
from currency.templatetags.money import country_name, currency_name

__all__ = ["override_admin"]

_Row = TypeVar("_Row", bound=models.Model)


class _ShownAtOnce(ReasonedAdmin[_Row]):
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
class CurrencyAdmin(FoundByName[Currency], _ShownAtOnce[Currency]):
    list_display = ("code", "name", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("is_active",)
    search_codes = {"code": "currency"}

    @admin.display(description=gettext_lazy("name"))
    def name(self, row: Currency) -> str:
        return currency_name(row.code)


@admin.register(Destination)
class DestinationAdmin(FoundByName[Destination], _ShownAtOnce[Destination]):
    list_display = ("country_code", "name", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("is_active",)
    search_codes = {"country_code": "country"}

    @admin.display(description=gettext_lazy("name"))
    def name(self, row: Destination) -> str:
        return country_name(row.country_code)


@admin.register(Provider)
class ProviderAdmin(_ShownAtOnce[Provider]):
    """Identity and schedule come from the provider's data file; belief and use are set here."""

    list_display = ("key", "name_ko", "priority", "is_enabled", "calendar", "coverage_start")
    list_editable = ("priority",)
    list_filter = ("is_enabled",)
    search_fields = ("key", "name_ko", "name_en")
    actions = ("enable", "disable")
    fields = ("key", "name_ko", "name_en", "priority", "is_enabled", "kind", "terms_url")
    readonly_fields = ("key", "name_ko", "name_en", "kind", "terms_url")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("Enable: believe and collect"), permissions=["change"])
    def enable(self, request: HttpRequest, chosen: models.QuerySet[Provider]) -> HttpResponse | None:
        return self._switch(request, chosen, is_enabled=True)

    @admin.action(description=gettext_lazy("Disable: neither believe nor collect"), permissions=["change"])
    def disable(self, request: HttpRequest, chosen: models.QuerySet[Provider]) -> HttpResponse | None:
        return self._switch(request, chosen, is_enabled=False)

    def _switch(
        self, request: HttpRequest, chosen: models.QuerySet[Provider], *, is_enabled: bool
    ) -> HttpResponse | None:
        what = _("Enabled") if is_enabled else _("Disabled")
        title = _("Enable providers") if is_enabled else _("Disable providers")
        told = asked(request, chosen, title=title, submit=title)
        if isinstance(told, HttpResponse):
            return told

        def switch(provider: Provider) -> None:
            provider.is_enabled = is_enabled
            provider.save(update_fields=["is_enabled"])

        done = each_noted(request, chosen, what=what, why=told.cleaned_data["why"], do=switch)
        transaction.on_commit(generation.move_on)
        self.message_user(request, _("%(what)s: %(count)d") % {"what": what, "count": done}, messages.SUCCESS)
        return None


@admin.register(ExchangeRate)
class ExchangeRateAdmin(RatesAdmin[ExchangeRate]):
    list_display = (
        "currency_code",
        "rate_date",
        "deal_base_rate",
        "source",
        "revision",
        "published_rate",
        "published_unit",
        "recorded_at",
    )


@admin.register(LatestRate)
class LatestRateAdmin(FoundByName[LatestRate], EvidenceAdmin[LatestRate]):
    list_display = (
        "currency_code",
        "name",
        "source",
        "rate_date",
        "deal_base_rate",
        "tts",
        "ttb",
        "first_date",
    )
    list_filter = (BySource,)
    search_codes = {"currency_code": "currency"}
    ordering = ("currency_code", "source")

    @admin.display(description=gettext_lazy("name"))
    def name(self, row: LatestRate) -> str:
        return currency_name(row.currency_code)


@admin.register(PaymentChannel)
class PaymentChannelAdmin(_ShownAtOnce[PaymentChannel]):
    list_display = ("key", "name_ko", "kind", "takes_discount", "is_active", "display_order")
    list_editable = ("is_active", "display_order")
    list_filter = ("kind", "is_active")
    search_fields = ("key", "name_ko", "name_en")


@admin.register(ChannelTerms)
class ChannelTermsAdmin(FoundByName[ChannelTerms], _ShownAtOnce[ChannelTerms]):
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
    search_fields = ("source_name",)
    search_codes = {"currency_code": "currency"}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(PriceObservation)
class PriceObservationAdmin(FoundByName[PriceObservation], EvidenceAdmin[PriceObservation]):
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
    search_fields = ("=item",)
    search_codes = {"country_code": "country"}
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
