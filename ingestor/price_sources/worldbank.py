"""World Bank: the price level of household consumption (PA.NUS.PRVT.PLI), year by year, US = 100.

It is kept as a price: what costs 100 dollars in the United States costs so many dollars there, at the
average exchange rates of that year. The day of a year's figure is its last.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.countries import alpha2
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, PublishedPrice

ITEM = "price_level"
_INDICATOR = "PA.NUS.PRVT.PLI"
#: The newest years are often without a figure, and earlier ones are revised every quarter.
_YEARS = 6
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
#: The ratio that this index replaced was 1 for the United States.
_AT_HOME, _TOLERANCE = Decimal(100), Decimal(1)


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [_ask(today.year - _YEARS, today.year)]


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [_ask(first.year, last.year)]


def _ask(first: int, last: int) -> Ask:
    return Ask(
        f"/v2/country/all/indicator/{_INDICATOR}",
        # One page: 266 economies and groups give 1,862 rows in seven years.
        {"format": "json", "per_page": "20000", "date": f"{first}:{last}"},
    )


def parse(payload: bytes, ask: Ask) -> list[PublishedPrice]:
    """A figure for each economy and year that has one; an empty list where the bank has none at all.

    Groups of economies come along under codes of their own, which are no countries'.
    Raises: ProviderRefused for the bank's own error, which comes with status 200;
        ProviderFormatError for another indicator, another scale or more than one page.
    """
    document = reading.sequence(reading.json_document(payload), "the answer")
    meta = reading.mapping(document[0] if document else None, "the first part")
    if "message" in meta:
        raise ProviderRefused(_complaint(meta["message"]))
    if reading.whole_number(meta.get("pages")) > 1:
        raise ProviderFormatError(f"{meta['pages']} pages, asked for one")
    total = reading.whole_number(meta.get("total"))
    told = document[1] if len(document) > 1 else None
    rows = reading.sequence([] if told is None else told, "the second part")
    if len(rows) != total:
        raise ProviderFormatError(f"{len(rows)} rows, {total} announced")
    prices = [price for row in rows if (price := _price(reading.mapping(row, "a row"))) is not None]
    for price in prices:
        if price.country == "US" and abs(price.price - _AT_HOME) > _TOLERANCE:
            raise ProviderFormatError(f"another scale: the United States at {price.price}, not 100")
    return prices


def _complaint(message: object) -> str:
    texts = [
        f"{told.get('id', '')}: {told.get('value', '')}"
        for told in reading.sequence(message, "the message")
        if isinstance(told, dict)
    ]
    return "; ".join(texts)[:300] or "an error without a text"


def _price(row: dict[str, Any]) -> PublishedPrice | None:
    if reading.mapping(row.get("indicator"), "the indicator").get("id") != _INDICATOR:
        raise ProviderFormatError(f"another indicator than {_INDICATOR}")
    year = row.get("date")
    if not isinstance(year, str) or not _YEAR.fullmatch(year):
        raise ProviderFormatError(f"not a year: {str(year)[:40]!r}")
    if row.get("value") is None:
        return None
    return PublishedPrice(
        country=_country(row),
        item=ITEM,
        price=reading.figure(row["value"]),
        currency_code="USD",
        observed_on=date(int(year), 12, 31),
    )


def _country(row: dict[str, Any]) -> str:
    """By the three letters: among the two-letter codes EU is the European Union, and others are made up."""
    code = row.get("countryiso3code")
    if isinstance(code, str) and code:
        return alpha2(code) or code[:40]
    name = reading.mapping(row.get("country"), "the country").get("value")
    return f"{str(name)[:40]} (a group)"
