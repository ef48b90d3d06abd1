"""Countries by what one thing costs there, the cheapest first, against a country that is 100."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from currency import price_comparison, prices
from currency.price_comparison import Comparison
from currency.price_index import ranks
from currency.prices import Price


class NoPriceAtHome(Exception):
    """The country to compare with has no price of the item; `countries` have one, sorted."""

    def __init__(self, countries: list[str]) -> None:
        super().__init__(", ".join(countries))
        self.countries = countries


@dataclass(frozen=True, slots=True)
class Place:
    """One country's place; equal indices share one."""

    rank: int
    index: Decimal
    compared: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRanking:
    """`home` is the newest price of the country that is 100, which has a place of its own.

    `unranked`: comparisons without an index, for want of a rate.
    """

    home: Price
    places: list[Place]
    unranked: list[Comparison]

    @property
    def compared(self) -> list[Comparison]:
        return [*(place.compared for place in self.places), *self.unranked]


def price_ranking(*, item: str, base: str, now: datetime) -> PriceRanking:
    """All countries that have a price of `item`. Three queries, four for a price level.

    Raises: NoPriceAtHome.
    """
    found = prices.observed(item=item)
    countries = sorted(found.get(item, {}))
    if base not in countries:
        raise NoPriceAtHome(countries)
    compared = price_comparison.compare(found, countries, base, now)[item]
    indexed = sorted(
        ((one.index, one) for one in compared if one.index is not None), key=lambda each: each[0]
    )
    places = ranks([index for index, _ in indexed])
    return PriceRanking(
        home=found[item][base][0],
        places=[Place(rank, *each) for rank, each in zip(places, indexed, strict=True)],
        unranked=[one for one in compared if one.index is None],
    )
