"""What a CSV file of prices looks like, and which of its rows are accepted.

A line a price, UTF-8 with or without a byte order mark, under a header of exactly these columns, in
any order. Nothing here needs import-export: the rows come as plain texts.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from currency.catalog import is_country, is_currency

COLUMNS = ("country", "item", "price", "currency", "observed_on", "source", "source_url")
#: Bytes, and lines. What operators collect by hand has some hundred.
LARGEST_FILE, MOST_ROWS = 1_000_000, 2_000
#: How the bytes are read: UTF-8, with the mark that Excel puts before it or without.
ENCODING = "utf-8-sig"

_ITEM = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Fifteen digits come back from every database as they were.
_PRICE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST = date(1980, 1, 1)
_is_address = URLValidator(schemes=["http", "https"])


def check_header(header: list[str] | None) -> None:
    """Raises: ValidationError unless every column is there once, and no other."""
    if sorted(header or []) != sorted(COLUMNS):
        told = ", ".join(str(name)[:40] for name in header or [])
        raise ValidationError(
            f"The header must hold {', '.join(COLUMNS)}; this one holds {told or 'nothing'}."
        )


def checked(row: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The values of a row by the model's names. `today` is Seoul's.

    Raises: ValidationError with {column: what is expected} for everything that is wrong.
    """
    told = {name: str(row.get(name) or "").strip() for name in COLUMNS}
    wrong = {name: expected for name, expected in _faults(told, today).items() if expected}
    if wrong:
        raise ValidationError(wrong)
    return {
        "country_code": told["country"].upper(),
        "item": told["item"],
        "price": Decimal(told["price"]),
        "currency_code": told["currency"].upper(),
        "observed_on": date.fromisoformat(told["observed_on"]),
        "source": told["source"],
        "source_url": told["source_url"],
    }


def _faults(told: Mapping[str, str], today: date) -> dict[str, str]:
    price, source = told["price"], told["source"]
    fits = {
        "country": told["country"].isascii() and is_country(told["country"].upper()),
        "item": bool(_ITEM.fullmatch(told["item"])),
        "price": bool(_PRICE.fullmatch(price)) and Decimal(price) > 0,
        "currency": told["currency"].isascii() and is_currency(told["currency"].upper()),
        "observed_on": _is_day(told["observed_on"], today),
        "source": 0 < len(source) <= 100 and source.isprintable(),
        "source_url": _is_url(told["source_url"]),
    }
    expected = {
        "country": "an ISO 3166-1 alpha-2 code such as JP, or EU",
        "item": "lower-case letters, digits and _, such as starbucks_tall_latte",
        "price": "a number above 0 and below a billion without separators, such as 4900 or 5.75",
        "currency": "an ISO 4217 code such as JPY",
        "observed_on": f"a day such as 2026-10-30, from {_EARLIEST} to today",
        "source": "who observed it, 1 to 100 characters",
        "source_url": "an address that begins with https:// or http://, at most 500 characters",
    }
    return {
        name: "" if fits[name] else f"expected {expected[name]}, not {told[name][:60]!r}" for name in COLUMNS
    }


def _is_day(printed: str, today: date) -> bool:
    try:
        return bool(_DAY.fullmatch(printed)) and _EARLIEST <= date.fromisoformat(printed) <= today
    except ValueError:  # 2026-02-30
        return False


def _is_url(printed: str) -> bool:
    try:
        _is_address(printed)
    except ValidationError:
        return False
    return len(printed) <= 500
