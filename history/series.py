"""A pair's window of bars, read one way: one provider for the whole of it, observed days only.

In code, `code` is the money that is priced and `base` the money the price is told in.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce
from itertools import groupby
from typing import Any

from currency.catalog import KRW
from currency.freshness import Freshness, freshness, older
from currency.models import ExchangeRate, LatestRate, Provider
from currency.quotes import ONE, divide
from currency.schedule import LOOK_BACK, is_stale, is_trading_day
from history.models import DailyRate
from history.period import first_day

#: A currency whose figures stopped this long before other providers' has no present with that provider.
_SILENCE = timedelta(days=92)


@dataclass(frozen=True, slots=True)
class Point:
    """One bar of the series: a day, or the start of an hour (UTC); prices of one unit in `base`."""

    at: date | datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    observations: int


@dataclass(frozen=True, slots=True)
class Series:
    """Points oldest first; `before` is the last one ahead of the window, where there is one."""

    source: str
    freshness: Freshness
    before: Point | None
    points: list[Point]

    @property
    def stale(self) -> bool:
        return self.freshness.is_old

    def with_changes(self) -> Iterator[tuple[Point, Decimal | None, Decimal | None]]:
        """Each point with its change against the one before it, absolute and in percent."""
        earlier = self.before
        for point in self.points:
            change = point.close - earlier.close if earlier else None
            percent = 100 * divide(change, earlier.close) if earlier and change is not None else None
            yield point, change, percent
            earlier = point


@dataclass(frozen=True, slots=True)
class Coverage:
    """From when to when a provider has a pair, or several, and how old its newest figures are."""

    provider: Provider
    first: date
    newest: date
    freshness: Freshness


#: {provider key: {currency: its newest rate}}, the most believed provider first.
Legs = dict[str, dict[str, LatestRate]]


def legs(codes: AbstractSet[str]) -> Legs:
    """Who has what of these currencies. One query."""
    found: Legs = {}
    for row in LatestRate.objects.believed().filter(currency_code__in=codes - {KRW}):
        found.setdefault(row.source, {})[row.currency_code] = row
    return found


def daily(*, code: str, base: str, period: str, now: datetime) -> Series | None:
    """The daily bars of `code` in `base`; None where no provider has the pair. Two queries.

    The window ends on the newest day that the chosen provider has of both currencies.
    """
    chosen = choose(legs({code, base}), {code, base}, period, now)
    if chosen is None:
        return None
    first = first_day(period, chosen.newest)
    bars = DailyRate.objects.filter(
        source=chosen.provider.key,
        currency_code__in={code, base} - {KRW},
        rate_date__gte=first - LOOK_BACK,
        rate_date__lte=chosen.newest,
    ).order_by("rate_date")
    rows = bars.values_list("rate_date", "currency_code", "open", "high", "low", "close", "observation_count")
    points = []
    for day, of_day in groupby(rows, key=lambda row: row[0]):
        if not is_trading_day(chosen.provider.calendar, day):
            continue
        bars_of_day = {row[1]: Point(day, *row[2:]) for row in of_day}
        if point := _crossed(day, bars_of_day, code, base):
            points.append(point)
    before = [point for point in points if point.at < first]
    return Series(
        source=chosen.provider.key,
        freshness=chosen.freshness,
        before=before[-1] if before else None,
        points=points[len(before) :],
    )


def hourly(*, code: str, base: str, period: str, now: datetime) -> Series | None:
    """Bars of one hour from the observations themselves, in UTC; only hours with any. Two queries."""
    chosen = choose(legs({code, base}), {code, base}, period, now)
    if chosen is None:
        return None
    first = first_day(period, chosen.newest)
    observations = (
        ExchangeRate.objects.of(sorted({code, base} - {KRW}))
        .published_between(first, chosen.newest)
        .filter(source=chosen.provider.key)
        .order_by("recorded_at", "revision")
        .values_list("recorded_at", "currency_code", "deal_base_rate")
    )
    # Both figures of a cross are of one instant; of several revisions the last is in force.
    by_instant: dict[datetime, dict[str, Decimal]] = {}
    for recorded_at, currency, rate in observations:
        by_instant.setdefault(recorded_at, {})[currency] = rate
    priced = [
        (at.replace(minute=0, second=0, microsecond=0), price)
        for at, rates in by_instant.items()
        if (price := _price(rates, code, base)) is not None
    ]
    points = []
    for hour, of_hour in groupby(priced, key=lambda row: row[0]):
        prices = [price for _, price in of_hour]
        points.append(Point(hour, prices[0], max(prices), min(prices), prices[-1], len(prices)))
    return Series(source=chosen.provider.key, freshness=chosen.freshness, before=None, points=points)


def _price(rates: dict[str, Decimal], code: str, base: str) -> Decimal | None:
    priced, against = (
        rates.get(code, ONE if code == KRW else None),
        rates.get(base, ONE if base == KRW else None),
    )
    return divide(priced, against) if priced is not None and against is not None else None


def _crossed(day: date, bars: Mapping[str, Point], code: str, base: str) -> Point | None:
    """One day's bar of a cross, or None where a leg is missing.

    Open and close are exact. The true extremes of a cross are not to be known from two daily bars
    (the highs need not be of one moment), so they are those of its open and close; for a lone
    fixing, and for prices in won, nothing is lost.
    """
    won = Point(day, ONE, ONE, ONE, ONE, 0)
    priced, against = (
        bars.get(code, won if code == KRW else None),
        bars.get(base, won if base == KRW else None),
    )
    if priced is None or against is None:
        return None
    if base == KRW:
        return priced
    opened, closed = divide(priced.open, against.open), divide(priced.close, against.close)
    counts = [leg.observations for leg in (priced, against) if leg.observations]
    return Point(day, opened, max(opened, closed), min(opened, closed), closed, min(counts))


def choose(found: Legs, codes: AbstractSet[str], period: str, now: datetime) -> Coverage | None:
    """The provider whose series is shown: the most believed one that covers the window of all `codes`.

    It reaches back to the start of the window, or within two weeks of as far as anybody does, and is up
    to date (not stale by its own schedule, or as new as anybody); where none is, the newest that reaches
    back. One that has been silent for a quarter while others went on tells nothing.
    """
    wanted = codes - {KRW}
    covered = [
        coverage([of_provider[code] for code in sorted(wanted)], now)
        for of_provider in found.values()
        if wanted <= of_provider.keys()
    ]
    if not covered:
        return None
    newest = max(each.newest for each in covered)
    speaking = [each for each in covered if each.newest >= newest - _SILENCE]
    earliest = min(each.first for each in speaking)
    # The two weeks are not given to the window itself: of a week, a provider of yesterday has one day.
    reaching = [
        each for each in speaking if each.first <= max(first_day(period, each.newest), earliest + LOOK_BACK)
    ]
    for each in reaching:
        if each.newest == newest or not is_stale(each.provider, each.newest, now):
            return each
    return max(reaching, key=lambda each: each.newest)


def coverage(rates: list[Any], now: datetime) -> Coverage:
    """What one provider has of several currencies together, from its `LatestRate.believed()` rows."""
    provider = rates[0].provider
    return Coverage(
        provider=provider,
        first=max(rate.first_date for rate in rates),
        newest=min(rate.rate_date for rate in rates),
        freshness=reduce(older, (_freshness(rate, now) for rate in rates)),
    )


def _freshness(rate: Any, now: datetime) -> Freshness:
    return freshness(
        rate.provider,
        observed_on=rate.rate_date,
        as_of=rate.recorded_at,
        fetched_at=rate.fetched_at,
        provider_newest=rate.provider_newest,
        now=now,
    )
