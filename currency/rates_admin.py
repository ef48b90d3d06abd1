"""Lists over millions of rates: what is searched, filtered and sorted is what an index serves.

The tables have no index that begins with the source or the day alone. A filter by one of them
therefore names the currencies as well, of which `latest_exchange_rates` knows every pair there is.
Unfiltered, rows come in the order of their writing, the newest first.
"""

from typing import Any, ClassVar, TypeVar

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.evidence import LongEvidenceAdmin
from config.operators.day_filter import DayFilter
from currency.admin_search import FoundByName, codes_named
from currency.models import LatestRate, Provider

_Row = TypeVar("_Row", bound=Model)


class BySource(SimpleListFilter):
    """Sources are read from the providers, not from the rows."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        name = "name_en" if get_language() == "en" else "name_ko"
        return list(Provider.objects.values_list("key", name))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (source := self.value()) is None:
            return queryset
        return queryset.filter(source=source, currency_code__in=_codes(source=source))


class ByDay(DayFilter):
    """Of one rate date."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.day is None:
            return queryset
        if hasattr(queryset, "published_between"):  # tells MySQL which partitions to read, too
            queryset = queryset.published_between(self.day, self.day)
        sources = list(LatestRate.objects.order_by().values_list("source", flat=True).distinct())
        return queryset.filter(rate_date=self.day, currency_code__in=_codes(), source__in=sources)


def _codes(**of: str) -> list[str]:
    """Currencies that have been observed at all, perhaps by one source."""
    return sorted(
        LatestRate.objects.filter(**of).order_by().values_list("currency_code", flat=True).distinct()
    )


class RatesAdmin(FoundByName[_Row], LongEvidenceAdmin[_Row]):
    """`in_index_order` are the columns of the unique index, `newest_of_one` those after a currency and, where
    it is told, a source: each list is read along an index, backwards."""

    search_codes = {"currency_code": "currency"}
    list_filter = (BySource, ByDay)
    in_index_order: ClassVar[tuple[str, ...]] = ()
    newest_of_one: ClassVar[tuple[str, ...]] = ()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        has_source, has_day = bool(request.GET.get("source")), bool(request.GET.get("day"))
        codes = codes_named(request.GET.get("q", ""), "currency")
        if has_day:
            return ("-currency_code", "-rate_date", "-pk")
        if len(codes) == 1 and not has_source and self.newest_of_one:
            return self.newest_of_one
        if codes or has_source:
            return self.in_index_order
        return ("-pk",)
