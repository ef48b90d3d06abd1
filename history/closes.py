"""Closing prices as arrays, for everything that computes: statistics, comparison, forecast.

The same days of the same provider as `history.series` shows, in binary floats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

import numpy as np
from django.db.models import FloatField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from currency.catalog import KRW
from currency.freshness import Freshness
from currency.schedule import LOOK_BACK, is_trading_day
from history.models import DailyRate
from history.period import first_day
from history.series import Coverage, choose, coverage, legs

Floats = NDArray[np.float64]
#: {(provider key, currency): {day: KRW for one unit}}
_Stored = Mapping[tuple[str, str], Mapping[date, float]]


@dataclass(frozen=True, slots=True)
class Closes:
    """Closing prices of one unit of `code` in `base`, oldest first: observed trading days of one provider.

    `first` is the first day of the window; closes before it are lead, for whatever needs a past.
    """

    code: str
    base: str
    source: str
    calendar: str
    freshness: Freshness
    first: date
    days: list[date]
    prices: Floats

    def window(self) -> tuple[list[date], Floats]:
        """Days and prices without the lead."""
        lead = sum(day < self.first for day in self.days)
        return self.days[lead:], self.prices[lead:]


def closes(
    *, code: str, base: str, period: str, now: datetime, lead: timedelta = timedelta(0)
) -> Closes | None:
    """The closes of one pair; None where no provider has it. Two queries."""
    return closes_of_many(codes=[code], base=base, period=period, now=now, lead=lead).get(code)


def closes_of_many(
    *, codes: list[str], base: str, period: str, now: datetime, lead: timedelta = timedelta(0)
) -> dict[str, Closes]:
    """The closes of several currencies in `base`; those that nobody has are left out. Two queries.

    One provider tells all of them where one has all; else each currency has its own choice. Each
    window ends on the newest day of its pair.
    """
    found = legs({*codes, base})
    together = choose(found, {*codes, base}, period, now)
    chosen: dict[str, Coverage] = {}
    for code in codes:
        if together is not None:
            of_provider = found[together.provider.key]
            chosen[code] = coverage([of_provider[leg] for leg in sorted({code, base} - {KRW})], now)
        elif (alone := choose(found, {code, base}, period, now)) is not None:
            chosen[code] = alone
    if not chosen:
        return {}
    firsts = {code: first_day(period, each.newest) for code, each in chosen.items()}
    stored = _stored(
        sources={each.provider.key for each in chosen.values()},
        currencies={*chosen, base} - {KRW},
        # Whole weeks more, as the day before the window may lie far back.
        first=min(firsts.values()) - lead - LOOK_BACK,
        last=max(each.newest for each in chosen.values()),
    )
    return {
        code: _closes(code, base, each, firsts[code], firsts[code] - lead, stored)
        for code, each in chosen.items()
    }


def _stored(*, sources: set[str], currencies: set[str], first: date, last: date) -> _Stored:
    rows = (
        DailyRate.objects.filter(
            source__in=sources, currency_code__in=currencies, rate_date__gte=first, rate_date__lte=last
        )
        .order_by("currency_code", "source", "rate_date")
        .values_list("source", "currency_code", "rate_date", Cast("close", FloatField()))
    )
    return {
        (source, currency): {day: close for _, _, day, close in of_pair}
        for (source, currency), of_pair in groupby(rows, key=lambda row: (row[0], row[1]))
    }


def _closes(code: str, base: str, chosen: Coverage, first: date, lead_first: date, stored: _Stored) -> Closes:
    source, calendar = chosen.provider.key, chosen.provider.calendar
    priced = stored.get((source, code), {})
    against = stored.get((source, base), {})
    reference = against if code == KRW else priced
    days = [
        day
        for day in reference
        if day >= lead_first and is_trading_day(calendar, day) and (KRW in {code, base} or day in against)
    ]
    above = np.ones(len(days)) if code == KRW else np.array([priced[day] for day in days], dtype=np.float64)
    below = np.ones(len(days)) if base == KRW else np.array([against[day] for day in days], dtype=np.float64)
    return Closes(
        code=code,
        base=base,
        source=source,
        calendar=calendar,
        freshness=chosen.freshness,
        first=first,
        days=days,
        prices=above / below,
    )
