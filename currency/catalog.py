"""Currencies and countries as CLDR knows them, and which of them we start with.

Names, symbols and decimals are never stored: they are read from Babel in the reader's language.
What is active, and in which order, is in the database and belongs to the operators.
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol, get_territory_currencies

KRW = "KRW"
#: Accepted as a destination: the euro area, which CLDR knows as territory EU.
EURO_AREA = "EU"

_DATA = Path(__file__).parent / "catalog_data.toml"
_CODE = re.compile(r"[A-Z]{3}")
_COUNTRY = re.compile(r"[A-Z]{2}")
#: CLDR's codes for things that are not money one can change.
_NOT_MONEY = frozenset(
    {
        "XXX",
        "XTS",
        "XAU",
        "XAG",
        "XPT",
        "XPD",
        "XBA",
        "XBB",
        "XBC",
        "XBD",
        "XFO",
        "XFU",
        "XDR",
        "XRE",
        "XUA",
        "XSU",
    }
)
#: CLDR territories with two letters that are not countries of ISO 3166-1.
_NOT_COUNTRIES = frozenset(
    {"EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "XK", "AN"}
)


@lru_cache(maxsize=8)
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency, in use or not."""
    return bool(_CODE.fullmatch(code)) and code in _locale("en").currencies and code not in _NOT_MONEY


def is_country(code: str) -> bool:
    """Whether `code` is an ISO 3166-1 alpha-2 country, or EU."""
    return bool(_COUNTRY.fullmatch(code)) and code in _locale("en").territories and code not in _NOT_COUNTRIES


def currency_name(code: str, language: str) -> str:
    # A few old currencies have a name in English only.
    return str(_locale(language).currencies.get(code) or _locale("en").currencies.get(code, code))


def country_name(code: str, language: str) -> str:
    return str(_locale(language).territories.get(code) or _locale("en").territories.get(code, code))


def also_called(country: str) -> tuple[str, ...]:
    """What people call it besides its names in CLDR: 호주 for Australia."""
    return tuple(_shipped()["also_called"].get(country, ()))


def symbol(code: str, language: str) -> str:
    return str(get_currency_symbol(code, _locale(language)))


def decimal_places(code: str) -> int:
    """Decimals of an amount of money: 0 for KRW, 2 for USD, 3 for KWD."""
    return int(get_currency_precision(code))


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text())


@lru_cache(maxsize=1)
def _currencies_by_country() -> dict[str, str]:
    """{country: the currency one pays with there today}."""
    paid: dict[str, str] = {}
    for country in sorted(code for code in map(str, _locale("en").territories) if is_country(code)):
        if current := get_territory_currencies(country):
            # Bhutan, Lesotho and Namibia list their neighbour's money before their own.
            own = [code for code in current if code.startswith(country)]
            paid[country] = (own or current)[0]
    paid[EURO_AREA] = "EUR"
    paid.update(_shipped()["newer_than_cldr"])
    return paid


def currency_of(country: str) -> str | None:
    """The currency one pays with in `country` today; None where CLDR names none."""
    return _currencies_by_country().get(country)


@lru_cache(maxsize=1)
def _countries_by_currency() -> dict[str, tuple[str, ...]]:
    using: dict[str, list[str]] = {}
    for country, code in _currencies_by_country().items():
        using.setdefault(code, []).append(country)
    return {code: tuple(sorted(countries)) for code, countries in using.items()}


def countries_of(code: str) -> tuple[str, ...]:
    """Country codes where one pays with `code` today, sorted."""
    return _countries_by_currency().get(code, ())


def home_of(code: str) -> str | None:
    """The country a currency is named after: US for USD, EU for EUR; the first user else."""
    countries = countries_of(code)
    if code[:2] in countries:
        return code[:2]
    return countries[0] if countries else None


def fill_tables() -> None:
    """Add currencies and destinations that are missing; what operators changed stays."""
    from currency.models import Currency, Destination

    order = _shipped()
    _fill(Currency, "code", order["currencies"], sorted(_countries_by_currency()))
    _fill(Destination, "country_code", order["destinations"], sorted(_currencies_by_country()))


def _fill(model: Any, key: str, first: list[str], every: list[str]) -> None:
    present = set(model.objects.values_list(key, flat=True))
    rank = {code: place for place, code in enumerate(first, start=1)}
    model.objects.bulk_create(
        model(**{key: code}, is_active=code in rank, display_order=rank.get(code, 1000))
        for code in [*first, *(code for code in every if code not in rank)]
        if code not in present
    )
