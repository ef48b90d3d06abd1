"""What a currency cost on average in a calendar year, by one provider's own closes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from currency.catalog import KRW
from currency.models import ExchangeRate
from currency.quotes import ONE, Quote, divide
from currency.schedule import is_trading_day

#: A year has about 250 days with a rate. The average of fewer than this is not that of the year.
LEAST_DAYS = 200


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the provider behind `quote`, or that an operator's rate stands in for; of the same two."""

    quote: Quote
    year: int


def averages(years: Iterable[Year]) -> dict[Year, Decimal]:
    """The mean of the daily prices of one unit; a year with too few days is left out. One query."""
    wanted = set(years)
    if not wanted:
        return {}
    closes = _closes(wanted)
    means = {}
    for one in wanted:
        quote = one.quote
        code, base = (
            _of_year(closes, quote.history_source, money, one.year) for money in (quote.code, quote.base)
        )
        days = [
            day
            for day in (code if quote.code != KRW else base)
            if (quote.code == KRW or day in code)
            and (quote.base == KRW or day in base)
            and is_trading_day(quote.calendar, day)
        ]
        if len(days) >= LEAST_DAYS:
            prices = [divide(code.get(day, ONE), base.get(day, ONE)) for day in days]
            means[one] = divide(sum(prices, start=Decimal(0)), Decimal(len(prices)))
    return means


_Closes = dict[tuple[str, str, int], dict[date, Decimal]]


def _closes(wanted: set[Year]) -> _Closes:
    """{(provider, currency, year): {day: KRW for one unit}}, the last figure in force of each day."""
    first, last = min(one.year for one in wanted), max(one.year for one in wanted)
    rows = (
        ExchangeRate.objects.of(
            sorted({money for one in wanted for money in (one.quote.code, one.quote.base)})
        )
        .published_between(date(first, 1, 1), date(last, 12, 31))
        .filter(source__in={one.quote.history_source for one in wanted})
        .order_by("recorded_at", "revision")
        .values_list("source", "currency_code", "rate_date", "deal_base_rate")
    )
    closes: _Closes = {}
    for source, code, day, rate in rows.iterator(chunk_size=5000):
        closes.setdefault((source, code, day.year), {})[day] = rate
    return closes


def _of_year(closes: _Closes, source: str, money: str, year: int) -> dict[date, Decimal]:
    return closes.get((source, money, year), {})
