"""Which published prices are kept: those of a country and a currency that exist, above zero, of the past."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from currency.catalog import is_country, is_currency
from ingestor.published import PublishedPrice
from ingestor.recording import Origin

#: What a column keeps: `price` has fourteen digits before the point, `usd_rate` ten.
_LARGEST_PRICE, _LARGEST_RATE = Decimal(10) ** 14, Decimal(10) ** 10
#: Before the first index of this kind; a day of the year 202 is a misprint.
_EARLIEST = date(1980, 1, 1)
PRICE_STEP, RATE_STEP = Decimal("1E-6"), Decimal("1E-14")

SourcedPrice = tuple[PublishedPrice, Origin]


@dataclass(slots=True)
class Screened:
    """Prices to keep, and the reasons of the others with how many each."""

    good: list[SourcedPrice] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)


def screen(prices: Iterable[SourcedPrice], *, today: date) -> Screened:
    """Each price of a country, item and day once. Pure.

    A price that is told again as it was counts once; another price for the same is rejected.
    """
    found = Screened()
    told: dict[tuple[str, str, date], PublishedPrice] = {}
    for price, origin in prices:
        if reason := _fault(price, today):
            found.rejected[f"{price.country}: {reason}"] += 1
            continue
        first = told.setdefault((price.country, price.item, price.observed_on), price)
        if first is price:
            found.good.append((price, origin))
        elif first != price:
            found.rejected[f"{price.country}: another price for the same day"] += 1
    return found


def _fault(price: PublishedPrice, today: date) -> str:
    if not is_country(price.country):
        return "not a country"
    if not is_currency(price.currency_code):
        return f"unknown currency {price.currency_code}"
    if not PRICE_STEP <= price.price < _LARGEST_PRICE:
        return "not a price that can be kept"
    if price.usd_rate is not None and not RATE_STEP <= price.usd_rate < _LARGEST_RATE:
        return "not a dollar rate that can be kept"
    if price.observed_on > today:
        return "a day to come"
    if price.observed_on < _EARLIEST:
        return "a day long past"
    return ""
