"""Lists over millions of rates: what is searched, filtered and sorted is what an index and a month serve.

The tables have no index that begins with the source or the day alone, and MySQL puts the rows of several
currencies in order only by reading all of them. So a narrowed list names both sides of the index, currencies
and sources, of which `latest_exchange_rates` knows every pair there is, and is read from its newest row
backwards, in a span of time that grows until the page is full: on MySQL that is a few partitions.
Unfiltered, rows come in the order of their writing, the newest first.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, TypeVar

from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from config.evidence import LongEvidenceAdmin
from config.operators.day_filter import DayFilter
from config.operators.uncounted import InfinitePaginator
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
        return queryset if self.value() is None else queryset.filter(source=self.value())


class ByDay(DayFilter):
    """Of one rate date."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.day is None:
            return queryset
        if hasattr(queryset, "published_between"):  # tells MySQL which partitions to read, too
            queryset = queryset.published_between(self.day, self.day)
        return queryset.filter(rate_date=self.day)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The currencies and sources a list is narrowed to, and the days between their first and newest rows."""

    codes: Collection[str]
    sources: Collection[str]
    pairs: int
    first: date
    newest: datetime


def narrowed(*, codes: Collection[str] | None, source: str | None) -> Narrowed | None:
    """Of the pairs that have been observed at all; None where there are none. One query."""
    pairs = LatestRate.objects.order_by()
    if codes is not None:
        pairs = pairs.filter(currency_code__in=codes)
    if source is not None:
        pairs = pairs.filter(source=source)
    rows = list(pairs.values_list("currency_code", "source", "first_date", "recorded_at"))
    if not rows:
        return None
    return Narrowed(
        codes=sorted({row[0] for row in rows}),
        sources=sorted({row[1] for row in rows}),
        pairs=len(rows),
        first=min(row[2] for row in rows),
        newest=max(row[3] for row in rows),
    )


class NewestFirst(InfinitePaginator):
    """Reads backwards from the newest row, in a span of time that grows until it holds the page."""

    def __init__(self, rows: QuerySet[Any], per_page: int, *, column: str, within: Narrowed) -> None:
        super().__init__(rows.filter(currency_code__in=within.codes, source__in=within.sources), per_page)
        self._column, self._within = column, within

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        every: Any = self.object_list
        through = number * self.per_page + 1
        # As if each pair had two rows a day; a span too long costs more than a second one.
        days = max(31, through // (2 * self._within.pairs))
        while True:
            since = self._within.newest - timedelta(days=days)
            if since.date() <= self._within.first:
                break
            since_told: Any = since if self._column.endswith("_at") else since.date()
            self.object_list = every.filter(**{f"{self._column}__gte": since_told})
            page = super().page(number)
            if self.has_more:
                return page
            days *= 8
        self.object_list = every
        return super().page(number)


class RatesAdmin(FoundByName[_Row], LongEvidenceAdmin[_Row]):
    """`newest_first` is the column that tells how new a row is, in the unique index after currency and source."""

    search_codes = {"currency_code": "currency"}
    list_filter = (BySource, ByDay)
    newest_first: ClassVar[str] = "recorded_at"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        is_narrowed = any(request.GET.get(name, "").strip() for name in ("q", "source", "day"))
        return (f"-{self.newest_first}", "-pk") if is_narrowed else ("-pk",)

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> Paginator[Any]:
        term, source = request.GET.get("q", "").strip(), request.GET.get("source") or None
        day = request.GET.get("day")
        if not (term or source or day):
            return InfinitePaginator(queryset, per_page)
        within = narrowed(codes=codes_named(term, "currency") if term else None, source=source)
        if within is None:
            return InfinitePaginator(queryset.none(), per_page)
        if day:
            day_of = queryset.filter(currency_code__in=within.codes, source__in=within.sources)
            return InfinitePaginator(day_of, per_page)
        return NewestFirst(queryset, per_page, column=self.newest_first, within=within)
