"""Bars built once more from their observations: which days of which source, a year at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Min

from config.cache import generation
from currency.models import ExchangeRate, LatestRate
from history import bars
from history.models import DailyRate

#: What scheduled runs look at; providers have not been seen to correct older figures.
RECENT = timedelta(weeks=6)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of one source can be rebuilt: every bar of these currencies in these days."""

    source: str
    codes: list[str]
    first: date
    last: date

    def years(self) -> Iterator[tuple[date, date]]:
        """Whole years, each a transaction: a few seconds in which a recording run waits, at most."""
        first = self.first
        while first <= self.last:
            last = min(date(first.year, 12, 31), self.last)
            yield first, last
            first = last + timedelta(days=1)


def sources() -> list[str]:
    """Every source with rates."""
    return sorted(LatestRate.objects.values_list("source", flat=True).distinct())


def coverages(sources: Iterable[str], first: date | None, last: date | None) -> list[Coverage]:
    """What there is to rebuild of each source, rate dates from `first` to `last`; None is open."""
    found = (_coverage(source, first, last) for source in sources)
    return [coverage for coverage in found if coverage is not None]


def rebuild(coverage: Coverage) -> Iterator[tuple[date, int]]:
    """Rebuild year by year; after each its last day and how many bars have changed.

    Safe at any time and to repeat: bars that are right are not written.
    """
    for first, last in coverage.years():
        with transaction.atomic():
            count = bars.rebuild(source=coverage.source, first=first, last=last, codes=coverage.codes)
        if count:
            generation.move_on()
        yield last, count


def rebuild_recent(today: date) -> int:
    """Rebuild the last weeks of every source; how many bars have changed."""
    recent = coverages(sources(), today - RECENT, None)
    return sum(count for coverage in recent for _, count in rebuild(coverage))


def _coverage(source: str, first: date | None, last: date | None) -> Coverage | None:
    """What there is to rebuild of `source` from `first` to `last`; None for nothing.

    Observations may have been dropped by age (`manage.py partitions --retain-months`), and their bars
    are all that is left of those days: nothing before the oldest observation is touched.
    """
    latest = list(LatestRate.objects.filter(source=source))
    codes = {rate.currency_code for rate in latest}
    codes |= set(DailyRate.objects.filter(source=source).values_list("currency_code", flat=True).distinct())
    oldest = ExchangeRate.objects.filter(currency_code__in=codes, source=source).aggregate(
        day=Min("rate_date")
    )["day"]
    if oldest is None:
        return None
    if oldest > min(rate.first_date for rate in latest):
        # Months are cut in UTC, so the oldest day left may have lost its first hours.
        oldest += timedelta(days=1)
    start = max(first or oldest, oldest)
    end = min(last or date.max, max(rate.rate_date for rate in latest))
    return Coverage(source, sorted(codes), start, end) if start <= end else None
