"""GET /currencies/price-index and /currencies/price-index/ranking."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.endpoint import ReadEndpoint
from config.api.errors import ApiError
from config.api.query import refusal
from currency import price_comparison, price_serializers, prices
from currency.catalog import country_name
from currency.parameters import refuse_old
from currency.price_comparison import Comparison, Rates, in_dollars
from currency.price_index import composite
from currency.price_ranking import NoPriceAtHome, Place, price_ranking
from currency.prices import BIGMAC, ITEMS, LATTE, PRICE_LEVEL, Price
from currency.quotes import Quote
from currency.schedule import SEOUL

#: Decimals of an index: as many digits as other figures have.
_PLACES = 6


class PriceIndex(ReadEndpoint):
    """물가 지수 · How dear a country is against another, which is 100: Big Mac, latte, price level."""

    query = price_serializers.PriceIndexQuery
    answer_schema = price_serializers.PriceIndex
    error_codes = ("INVALID_COUNTRY_CODE", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        country, base = query["country"], query["base_country"]
        now = timezone.now()
        found = prices.observed(countries=(country, base))
        _refuse_without_prices(found, country, "country")
        _refuse_without_prices(found, base, "base_country")
        compared = price_comparison.compare(found, [country], base, now)
        one_each = {item: several[0] for item, several in compared.items() if several}
        there = {
            item: one_each[item].there if item in one_each else of_item[country][0]
            for item, of_item in found.items()
            if country in of_item
        }
        dollars = price_comparison.dollar_rates(
            (price for price in there.values() if price.item != PRICE_LEVEL), now
        )
        rates = [*(one.quote for one in one_each.values()), *dollars.values()]
        used = _freshness(rates)
        refuse_old(used, query)
        indices = {item: one.index for item, one in one_each.items()}
        every = [*there.values(), *(one.home for one in one_each.values())]
        return {
            "country_code": country,
            "country_name": country_name(country, language),
            "base_country": base,
            "base_country_name": country_name(base, language),
            "indices": {
                "bigmac_index": _rounded(indices.get(BIGMAC)),
                "starbucks_index": _rounded(indices.get(LATTE)),
                "price_level_index": _rounded(indices.get(PRICE_LEVEL)),
                "composite_index": _rounded(composite(indices.get(item) for item in ITEMS)),
            },
            "price_data": {
                "bigmac_price_local": _local(there.get(BIGMAC)),
                "bigmac_price_usd": _usd(there.get(BIGMAC), dollars),
                "starbucks_latte_local": _local(there.get(LATTE)),
                "starbucks_latte_usd": _usd(there.get(LATTE), dollars),
            },
            "items": [_item(there[item], one_each.get(item), dollars, now) for item in _in_order(there)],
            "last_updated": max(price.observed_on for price in every),
            "sources": _sources(every),
            "freshness": {pair: one.told() for pair, one in used.items()},
            "overrides": _overridden(rates),
        }


class PriceIndexAlias(PriceIndex):
    """물가 지수 · The same answer at its shorter address."""


def _refuse_without_prices(found: prices.Prices, country: str, parameter: str) -> None:
    if any(country in of_item for of_item in found.values()):
        return
    raise ApiError(
        "NOT_FOUND",
        _("No price of {country} is known here.").format(country=country),
        parameter=parameter,
        provided=country,
        expected=_countries(prices.countries_with()),
    )


def _countries(codes: list[str]) -> str:
    if not codes:
        return _("a country with a price: there is none yet")
    return _("one of: {names}").format(names=", ".join(codes))


def _item(price: Price, compared: Comparison | None, dollars: Rates, now: datetime) -> dict[str, Any]:
    today = _today(now)
    # Of a price level only the comparison means anything.
    usd = None if price.item == PRICE_LEVEL else in_dollars(price, dollars)
    home = compared.home if compared else None
    return {
        "item": price.item,
        "index": _rounded(compared.index) if compared else None,
        "basis": compared.basis if compared else None,
        "index_at_today": _rounded(compared.at_today) if compared else None,
        "index_on_own_date": _rounded(price_comparison.on_own_day(compared, now)) if compared else None,
        "index_as_published": _rounded(compared.published) if compared else None,
        "price_local": price.price,
        "currency": price.currency,
        "price_usd": usd[0] if usd else None,
        "price_usd_basis": usd[1] if usd else None,
        "price_base": compared.price_at_home if compared else None,
        "observed_on": price.observed_on,
        "age_months": price.age_months(today),
        "is_old": price.is_old(today),
        "source": price.source,
        "source_url": price.source_url,
        "home_price": home.price if home else None,
        "home_currency": home.currency if home else None,
        "home_observed_on": home.observed_on if home else None,
        "home_source": home.source if home else None,
    }


class PriceRanking(ReadEndpoint):
    """물가 순위 · All countries that have an item, cheapest first, against the country that is 100."""

    query = price_serializers.PriceRankingQuery
    answer_schema = price_serializers.PriceRanking
    error_codes = ("INVALID_COUNTRY_CODE", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        item, base = query["item"].lower(), query["base_country"]
        if item not in ITEMS and item not in (known := prices.known_items()):
            expected = _("one of: {names}").format(names=", ".join(known))
            raise refusal("item", query["item"], expected)
        now = timezone.now()
        try:
            told = price_ranking(item=item, base=base, now=now)
        except NoPriceAtHome as exc:
            raise ApiError(
                "NOT_FOUND",
                _("No price of {item} in {country} is known here.").format(item=item, country=base),
                parameter="base_country",
                provided=base,
                expected=_countries(exc.countries),
            ) from exc
        used = _freshness(one.quote for one in told.compared)
        refuse_old(used, query)
        today = _today(now)
        return {
            "base_country": base,
            "base_country_name": country_name(base, language),
            "item": item,
            "base_price": told.home.price,
            "base_currency": told.home.currency,
            "ranking": [_ranked(place, today, language) for place in told.places],
            "unranked": [one.there.country for one in told.unranked],
            "sources": _sources(one.there for one in told.compared),
            "freshness": {pair: one.told() for pair, one in used.items()},
            "overrides": _overridden(one.quote for one in told.compared),
        }


def _ranked(place: Place, today: date, language: str) -> dict[str, Any]:
    one = place.compared
    return {
        "rank": place.rank,
        "country_code": one.there.country,
        "country_name": country_name(one.there.country, language),
        "index": _rounded(place.index),
        "basis": one.basis,
        "price_local": one.there.price,
        "currency": one.there.currency,
        "price_base": one.price_at_home,
        "observed_on": one.there.observed_on,
        "home_observed_on": one.home.observed_on,
        "is_old": one.there.is_old(today),
        "source": one.there.source,
        "source_url": one.there.source_url,
    }


def _today(now: datetime) -> date:
    return now.astimezone(SEOUL).date()


def _rounded(index: Decimal | None) -> Decimal | None:
    return None if index is None else round(index, _PLACES)


def _local(price: Price | None) -> Decimal | None:
    return None if price is None else price.price


def _usd(price: Price | None, dollars: Rates) -> Decimal | None:
    told = None if price is None else in_dollars(price, dollars)
    return None if told is None else told[0]


def _in_order(items: Iterable[str]) -> list[str]:
    """The items with a name of their own first."""
    return sorted(items, key=lambda item: (ITEMS.index(item) if item in ITEMS else len(ITEMS), item))


def _sources(told: Iterable[Price]) -> list[str]:
    return sorted({price.source for price in told})


def _freshness(used: Iterable[Quote | None]) -> dict[str, Any]:
    return {
        f"{quote.code}/{quote.base}": quote.freshness
        for quote in sorted((one for one in used if one is not None), key=lambda one: (one.code, one.base))
    }


def _overridden(used: Iterable[Quote | None]) -> dict[str, Any]:
    """The rates used that operators have set, by their pair."""
    return {f"{quote.code}/{quote.base}": quote.override.told() for quote in used if quote and quote.override}
