"""Currencies and countries in the reader's language, and rates in the unit people speak of."""

from decimal import Decimal

from babel.numbers import format_currency
from django import template
from django.utils.translation import get_language

from currency import catalog
from currency.quoted_unit import per_quoted_unit, quoted_unit

register = template.Library()


@register.filter
def currency_name(code: str) -> str:
    return catalog.currency_name(code, get_language() or "ko")


@register.filter
def country_name(code: str) -> str:
    return catalog.country_name(code, get_language() or "ko")


@register.filter
def flag(country: str | None) -> str:
    """The flag as two regional indicator letters; nothing where there is no country."""
    if not country or len(country) != 2:
        return ""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country.upper())


@register.filter
def home_of(code: str) -> str | None:
    """The country a currency is known by."""
    return catalog.home_of(code)


@register.filter
def unit(code: str) -> int:
    """100 for JPY, VND and IDR, else 1."""
    return quoted_unit(code)


@register.filter
def per_unit(rate: Decimal | None, code: str) -> Decimal | None:
    """A rate of one unit as the price of as many as people speak of."""
    return None if rate is None else per_quoted_unit(code, rate)


@register.filter
def exactly(amount: Decimal, code: str) -> str:
    """`JP¥99.5`: an amount with every digit it has."""
    locale = get_language() or "ko"
    return str(format_currency(amount, code, locale=locale, decimal_quantization=False))


@register.filter
def sum_of(amount: Decimal, code: str) -> str:
    """`₩1,335`: an amount of money as `money` tells it; below the smallest coin four digits, `US$0.003745`."""
    places = catalog.decimal_places(code)
    if amount < Decimal(1).scaleb(-places):
        places = min(10, 3 - amount.adjusted())
    return exactly(round(amount, places), code)
