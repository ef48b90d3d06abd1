"""A country at a glance: what its money costs, what one pays there, how dear that is against home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from currency import catalog, price_comparison, prices, quotes
from currency.catalog import KRW
from currency.price_comparison import Comparison
from currency.price_index import HUNDRED, composite
from currency.prices import BIGMAC, ITEMS, LATTE, Price
from currency.quotes import ONE, Quote, divide
from currency.schedule import SEOUL
from history.closes import closes_of_many
from history.standing import Standing, standing

HOME = "KR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treat:
    """One thing with a price there. `at_home` is that price in won, at today's rate or, where
    `is_as_published`, at the rate its source told beside it; None where neither is known.
    """

    price: Price
    at_home: Decimal | None
    is_as_published: bool
    age_months: int
    is_old: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`change_percent` is against the trading day before. `level` is 100 where everything costs as at
    home, told of the things in `level_of`; None where no price of both countries is known.
    """

    country: str
    currency: str | None
    quote: Quote | None
    change_percent: Decimal | None
    bigmac: Treat | None
    latte: Treat | None
    level: Decimal | None
    level_of: tuple[str, ...]
    standing: Standing | None

    @property
    def is_home(self) -> bool:
        return self.country == HOME

    @property
    def difference(self) -> int | None:
        """Whole percents by which it is dearer than home, negative where it is cheaper."""
        return None if self.level is None else round(self.level - HUNDRED)


def cards(countries: Sequence[str], now: datetime) -> list[Card]:
    """One card for each country, in the order given.

    Eight queries at most.
    """
    moneys = {country: catalog.currency_of(country) for country in countries}
    codes = list(dict.fromkeys(code for code in moneys.values() if code is not None and code != KRW))
    found = quotes.latest(codes, KRW, now) if codes else {}
    years = closes_of_many(codes=codes, base=KRW, period="1y", now=now) if codes else {}
    before = quotes.previous_closes(found.values())
    changes = {code: HUNDRED * (divide(found[code].rate, close) - ONE) for code, close in before.items()}
    standings = {
        code: standing(*of_code.window())
        for code, of_code in years.items()
        if of_code.freshness.state != "suspended" and of_code.window()[0]
    }
    observed = prices.observed(countries={*countries, HOME})
    compared = price_comparison.compare(observed, countries, HOME, now)
    told = []
    for country in countries:
        of_country = {
            item: next((one for one in several if one.there.country == country), None)
            for item, several in compared.items()
        }
        indices = {item: one.index for item, one in of_country.items() if one is not None and item in ITEMS}
        code = moneys[country]
        told.append(
            Card(
                country=country,
                currency=code,
                quote=found.get(code) if code else None,
                change_percent=changes.get(code) if code else None,
                bigmac=_treat(of_country.get(BIGMAC), observed.get(BIGMAC, {}).get(country), now),
                latte=_treat(of_country.get(LATTE), observed.get(LATTE, {}).get(country), now),
                level=composite(indices.values()),
                level_of=tuple(item for item in ITEMS if indices.get(item) is not None),
                standing=standings.get(code) if code else None,
            )
        )
    return told


def _treat(one: Comparison | None, known: list[Price] | None, now: datetime) -> Treat | None:
    """From its comparison with home; where home has no such price, the newest there alone."""
    price = one.there if one is not None else known[0] if known else None
    if price is None:
        return None
    today = now.astimezone(SEOUL).date()
    return Treat(
        price=price,
        at_home=one.price_at_home if one is not None else None,
        is_as_published=one is not None and one.basis == "published",
        age_months=price.age_months(today),
        is_old=price.is_old(today),
    )
