"""The Economist's Big Mac index: what a Big Mac costs, release by release since April 2000.

Two files of one repository. The index has a row a country and one for the euro area (EUZ); single
members of the euro area are only among its source data. A release's `date` is a label, not the day
of its exchange rates: `dollar_ex` beside each price is units of the currency for one dollar.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date
from importlib import resources

from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.countries import alpha2
from ingestor.published import Ask, ProviderFormatError, PublishedPrice

ITEM = "bigmac"
_FOLDER = "/TheEconomist/big-mac-data/master"
_INDEX = Ask(f"{_FOLDER}/output-data/big-mac-full-index.csv", item="index", media="csv")
_MEMBERS = Ask(f"{_FOLDER}/source-data/big-mac-source-data-v2.csv", item="members", media="csv")
_COLUMNS = ("date", "iso_a3", "currency_code", "local_price", "dollar_ex")
_EURO_AREA = "EUZ"
#: How the source data mark a price or a rate that there is not.
_ABSENT = frozenset({"", "NA", "#N/A"})


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [_INDEX, _MEMBERS]


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [_INDEX, _MEMBERS]


def bundled() -> tuple[Ask, bytes]:
    """The release that ships with this package, members and all, in the columns of the index."""
    return _INDEX, resources.files("ingestor").joinpath("price_data", "bigmac.csv").read_bytes()


def parse(payload: bytes, ask: Ask) -> list[PublishedPrice]:
    """The prices of every release in the file; of the source data only the euro area's members.

    The source data's other rows are the index's own, and are read there. A member without a price in
    a release is left out. Raises: ProviderFormatError.
    """
    document = reading.text(payload)
    if not document.endswith("\n"):
        raise ProviderFormatError("the last line is cut off")
    try:
        header, *lines = csv.reader(io.StringIO(document, newline=""), strict=True)
    except (csv.Error, ValueError) as exc:
        raise ProviderFormatError(f"not a CSV table: {exc}") from exc
    if missing := [name for name in _COLUMNS if header.count(name) != 1]:
        raise ProviderFormatError(f"no column {', '.join(missing)} in the header {','.join(header)[:60]!r}")
    prices: list[PublishedPrice] = []
    for number, cells in enumerate(lines, start=2):
        if len(cells) != len(header):
            raise ProviderFormatError(f"line {number} has {len(cells)} cells, not {len(header)}")
        row = dict(zip(header, cells, strict=True))
        if ask.item == "members" and (not _is_member(row) or row["local_price"] in _ABSENT):
            continue
        prices.append(_price(row))
    if not prices:
        raise ProviderFormatError("a table without a single price")
    return prices


def _is_member(row: dict[str, str]) -> bool:
    return row["currency_code"] == "EUR" and row["iso_a3"] != _EURO_AREA


def _price(row: dict[str, str]) -> PublishedPrice:
    code = row["iso_a3"]
    return PublishedPrice(
        country="EU" if code == _EURO_AREA else alpha2(code) or code[:40],
        item=ITEM,
        price=reading.figure(row["local_price"]),
        currency_code=row["currency_code"],
        observed_on=reading.day(row["date"]),
        usd_rate=None if row["dollar_ex"] in _ABSENT else reading.figure(row["dollar_ex"]),
    )
