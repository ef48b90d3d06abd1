"""What things cost in a country, as somebody observed it on a day: read, aged, and paired."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from currency.models import PriceObservation

BIGMAC, LATTE, PRICE_LEVEL = "bigmac", "starbucks_tall_latte", "price_level"
#: The items that the answers have names for. Operators may import others.
ITEMS = (BIGMAC, LATTE, PRICE_LEVEL)
#: An older price is told with a flag: most things have another price after a year.
LASTS = relativedelta(months=12)


@dataclass(frozen=True, slots=True)
class Price:
    """`price` units of `currency` for one `item`, observed on a day by `source`.

    `usd_rate`: units of the currency for one US dollar, where the source told them with the price.
    """

    country: str
    item: str
    price: Decimal
    currency: str
    observed_on: date
    usd_rate: Decimal | None
    source: str
    source_url: str

    def age_months(self, today: date) -> int:
        """Whole months since it was observed."""
        age = relativedelta(today, self.observed_on)
        return max(0, age.years * 12 + age.months)

    def is_old(self, today: date) -> bool:
        return self.observed_on + LASTS < today


#: {item: {country: its prices in force, newest first}}
Prices = Mapping[str, Mapping[str, list[Price]]]


def observed(*, countries: Iterable[str] | None = None, item: str | None = None) -> Prices:
    """All prices in force, of these countries or of this item. One query."""
    rows = PriceObservation.objects.order_by("revision")
    if countries is not None:
        rows = rows.filter(country_code__in=set(countries))
    if item is not None:
        rows = rows.filter(item=item)
    in_force: dict[tuple[str, str, date, str], Price] = {}
    for told in rows.values_list(
        "country_code", "item", "price", "currency_code", "observed_on", "usd_rate", "source", "source_url"
    ).iterator(chunk_size=5000):
        price = Price(*told)
        in_force[price.country, price.item, price.observed_on, price.source] = price
    found: dict[str, dict[str, list[Price]]] = {}
    for price in sorted(in_force.values(), key=lambda one: (one.observed_on, one.source), reverse=True):
        found.setdefault(price.item, {}).setdefault(price.country, []).append(price)
    return found


def known_items() -> list[str]:
    """Every item that has a name in the answers, or a price. One query."""
    stored = PriceObservation.objects.order_by().values_list("item", flat=True).distinct()
    return [*ITEMS, *sorted(set(stored) - set(ITEMS))]


def countries_with(item: str | None = None) -> list[str]:
    """Countries that have a price at all, or one of `item`. One query."""
    rows = PriceObservation.objects.order_by("country_code")
    if item is not None:
        rows = rows.filter(item=item)
    return list(rows.values_list("country_code", flat=True).distinct())


def pair(there: list[Price], home: list[Price]) -> tuple[Price, Price]:
    """Which two prices to compare; both lists are newest first, and neither is empty.

    The newest of both. Where one is older and the other side has a price of that same day, those two:
    one release. A price of the same source comes before another of its day.
    """
    newest_there, newest_home = there[0], home[0]
    if newest_there.observed_on <= newest_home.observed_on:
        return newest_there, _beside(newest_there, home)
    return _beside(newest_home, there), newest_home


def _beside(price: Price, others: list[Price]) -> Price:
    same_day = [other for other in others if other.observed_on == price.observed_on]
    same_source = [other for other in same_day if other.source == price.source]
    return (same_source or same_day or others)[0]
