"""The rates people ask for: what each costs now, since when, and how it moved in the last month."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from currency import quotes
from currency.catalog import KRW
from currency.quotes import ONE, Quote, divide
from history.closes import closes_of_many

#: What the small picture of each shows.
PERIOD = "1m"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateNow:
    """KRW for one unit, and its month: `prices` of the trading days from `first` to `last`, oldest first.

    `change` is in KRW for one unit against the same provider's trading day before, `percent` the same
    as a share of it; both None where there was none.
    """

    quote: Quote
    change: Decimal | None
    percent: Decimal | None
    prices: list[float]
    first: date | None
    last: date | None


def rates_now(*, most: int, now: datetime) -> list[RateNow]:
    """The first `most` active currencies that have a rate, in display order, the won aside.

    Five queries, however many currencies there are.
    """
    found = quotes.latest([code for code in quotes.active_codes() if code != KRW], KRW, now)
    shown = list(found.values())[:most]
    if not shown:
        return []
    before = quotes.previous_closes(shown)
    closes = closes_of_many(codes=[quote.code for quote in shown], base=KRW, period=PERIOD, now=now)
    told = []
    for quote in shown:
        days, prices = closes[quote.code].window() if quote.code in closes else ([], ())
        earlier = before.get(quote.code)
        told.append(
            RateNow(
                quote=quote,
                change=None if earlier is None else quote.rate - earlier,
                percent=None if earlier is None else 100 * (divide(quote.rate, earlier) - ONE),
                prices=[float(price) for price in prices],
                first=days[0] if days else None,
                last=days[-1] if days else None,
            )
        )
    return told
