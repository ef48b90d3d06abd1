"""Prices of one country held against another's: at today's rate, at the price's own day, and as published.

`today`      our newest rate of the two moneys, one provider's cross, that has not been given up.
`own day`    our close of the day on which the price was observed.
`published`  the dollar rates that the source itself told beside its two prices.

`price_level` is a comparison already, made at a year's average rates: today's is that one, moved by as
much as the exchange rate of the two countries has moved since that year's average of ours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from currency import catalog, quotes
from currency.price_averages import Year, averages
from currency.price_index import HUNDRED, index
from currency.prices import PRICE_LEVEL, Price, Prices, pair
from currency.quotes import ONE, Quote, divide

Basis = Literal["today", "published"]
#: {(code, base): the price of one `code` in `base`}
Rates = Mapping[tuple[str, str], Quote]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One item in two countries. Indices are 100 where both cost the same, None where a rate is missing.

    `quote` is the rate behind `at_today`; None where none was needed, or there is none.
    """

    there: Price
    home: Price
    quote: Quote | None
    at_today: Decimal | None
    published: Decimal | None

    @property
    def basis(self) -> Basis | None:
        if self.at_today is not None:
            return "today"
        return "published" if self.published is not None else None

    @property
    def index(self) -> Decimal | None:
        """At today's rate; where we have none, by the source's own, and `basis` says so."""
        return self.at_today if self.at_today is not None else self.published

    @property
    def price_at_home(self) -> Decimal | None:
        """What it costs there in the money of home, on the same basis; None of a price level."""
        if self.index is None or self.there.item == PRICE_LEVEL:
            return None
        return self.index * self.home.price / HUNDRED


def compare(found: Prices, countries: Iterable[str], base: str, now: datetime) -> dict[str, list[Comparison]]:
    """{item: its comparisons, one for each of `countries` that has it}, where `base` has it as well.

    Two queries at most, and one more where there is a price level.
    """
    wanted = list(countries)
    pairs = {
        item: [pair(prices[country], prices[base]) for country in wanted if country in prices]
        for item, prices in found.items()
        if base in prices
    }
    every = [both for several in pairs.values() for both in several]
    rates = _newest((_moneys(there, home) for there, home in every), now)
    years = averages(
        Year(rates[moneys], there.observed_on.year)
        for there, home in every
        if there.item == PRICE_LEVEL and (moneys := _moneys(there, home)) is not None and moneys in rates
    )
    return {
        item: [_comparison(there, home, rates, years) for there, home in several]
        for item, several in pairs.items()
    }


def on_own_day(one: Comparison, now: datetime) -> Decimal | None:
    """The index at our close of the day on which the price there was observed. Two queries at most."""
    there, home = one.there, one.home
    if there.currency == home.currency:
        return index(there.price, home.price)
    close = quotes.close_on(there.currency, home.currency, there.observed_on, now)
    return None if close is None else index(there.price * close.rate, home.price)


def in_dollars(price: Price, rates: Rates) -> tuple[Decimal, Basis] | None:
    """What a price is in US dollars today, else by the source's own rate; None where neither is known."""
    if price.currency == "USD":
        return price.price, "today"
    if quote := rates.get((price.currency, "USD")):
        return price.price * quote.rate, "today"
    return (divide(price.price, price.usd_rate), "published") if price.usd_rate else None


def dollar_rates(prices: Iterable[Price], now: datetime) -> Rates:
    """Our newest rates of the moneys of these prices, in US dollars. One query."""
    return _newest(((price.currency, "USD") for price in prices), now)


def _newest(pairs: Iterable[tuple[str, str] | None], now: datetime) -> Rates:
    """Our newest rate of each pair of two moneys. One query for each base among them.

    A rate whose provider has gone on without it is nobody's today, and left out.
    """
    codes: dict[str, set[str]] = {}
    for code, base in {both for both in pairs if both is not None and both[0] != both[1]}:
        codes.setdefault(base, set()).add(code)
    return {
        (code, base): quote
        for base, several in codes.items()
        for code, quote in quotes.latest(sorted(several), base, now).items()
        if quote.freshness.state != "suspended"
    }


def _moneys(there: Price, home: Price) -> tuple[str, str] | None:
    """The two moneys whose exchange rate moves the comparison; None where a country has none."""
    if there.item != PRICE_LEVEL:
        return there.currency, home.currency
    code, base = catalog.currency_of(there.country), catalog.currency_of(home.country)
    return (code, base) if code is not None and base is not None else None


def _comparison(there: Price, home: Price, rates: Rates, years: Mapping[Year, Decimal]) -> Comparison:
    moneys = _moneys(there, home)
    quote = rates.get(moneys) if moneys is not None else None
    factor = ONE if moneys is not None and moneys[0] == moneys[1] else None
    if quote is not None and there.item == PRICE_LEVEL:
        average = years.get(Year(quote, there.observed_on.year))
        factor = None if average is None else divide(quote.rate, average)
    elif quote is not None:
        factor = quote.rate
    return Comparison(
        there=there,
        home=home,
        quote=quote if factor is not None else None,
        at_today=None if factor is None else index(there.price * factor, home.price),
        published=_published(there, home),
    )


def _published(there: Price, home: Price) -> Decimal | None:
    if there.currency == home.currency:
        return index(there.price, home.price)
    if there.usd_rate is None or home.usd_rate is None:
        return None
    return index(divide(there.price, there.usd_rate), divide(home.price, home.usd_rate))
