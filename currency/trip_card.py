"""What to know about money in a country without asking anybody: a table to read, there and back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from currency import catalog, destinations, prices, quotes
from currency.catalog import KRW
from currency.prices import BIGMAC, Price
from currency.quotes import Quote

#: How many countries a card starts with: as many as fit on a folded sheet.
FIRST = 8
#: The smallest line of a table is worth about a bus ride's change, never a fraction of a unit.
_LEAST_WON = Decimal(300)
_STEPS = (1, 2, 5, 10, 20, 50, 100)
_WON = (1_000, 5_000, 10_000, 50_000, 100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class TripCard:
    """One country: won for round sums of its money, its money for round sums of won.

    Without a `quote` both tables are empty. `burger_in_won` is at the same rate.
    """

    country: str
    code: str | None
    quote: Quote | None
    in_won: list[tuple[int, Decimal]]
    for_won: list[tuple[int, Decimal]]
    burger: Price | None
    burger_in_won: Decimal | None

    @property
    def places(self) -> int:
        return catalog.decimal_places(self.code) if self.code else 0


def trip_cards(countries: Iterable[str], now: datetime) -> list[TripCard]:
    """A card of each country, in the order given. Two queries."""
    wanted = list(countries)
    codes = {country: catalog.currency_of(country) for country in wanted}
    rates = quotes.latest(sorted({code for code in codes.values() if code and code != KRW}), KRW, now)
    burgers = prices.observed(countries=wanted, item=BIGMAC).get(BIGMAC, {})
    return [_card(country, codes[country], rates, burgers.get(country, [])) for country in wanted]


def first_countries(now: datetime) -> list[str]:
    """Where a card starts: the first destinations in display order with a rate, one for each money."""
    codes = {country: catalog.currency_of(country) for country in destinations.in_order()}
    rates = quotes.latest(sorted({code for code in codes.values() if code and code != KRW}), KRW, now)
    first: dict[str, str] = {}
    for country, code in codes.items():
        if code in rates:
            first.setdefault(code, country)
    return list(first.values())[:FIRST]


def steps(won_for_one: Decimal) -> list[int]:
    """Round sums of a money whose unit costs so much: 100 to 10,000 yen, 1 to 100 dollars."""
    unit = 1
    while unit * won_for_one < _LEAST_WON:
        unit *= 10
    return [unit * step for step in _STEPS]


def _card(country: str, code: str | None, rates: dict[str, Quote], burgers: list[Price]) -> TripCard:
    quote = rates.get(code) if code else None
    burger = next((price for price in burgers if price.currency == code), None)
    return TripCard(
        country=country,
        code=code,
        quote=quote,
        in_won=[(sum_, sum_ * quote.rate) for sum_ in steps(quote.rate)] if quote else [],
        for_won=[(won, quotes.divide(Decimal(won), quote.rate)) for won in _WON] if quote else [],
        burger=burger,
        burger_in_won=burger.price * quote.rate if burger and quote else None,
    )
