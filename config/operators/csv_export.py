"""What a list shows, as a CSV file: streamed, of the rows that search and filters leave."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

#: Rows of one file. A Lambda answers with 6 MB at most, and a row of the widest list has about 100 bytes.
MOST = 50_000

#: What spreadsheets take for a formula, or for what follows one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: object) -> str:
    """As it stands in the file: instants in UTC, figures digit for digit, and nothing a spreadsheet would run."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


class _Line:
    """A file that hands back what was written to it."""

    def write(self, text: str) -> str:
        return text


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file, line by line, with the mark that tells a spreadsheet it is UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff"
    yield writer.writerow([cell(each) for each in header])
    for row in rows:
        yield writer.writerow([cell(each) for each in row])


def answer(
    *, name: str, header: Sequence[str], rows: Iterable[Any], told: Callable[[Any], Sequence[object]]
) -> StreamingHttpResponse:
    """`told` gives the cells of a row; `name` is the file's, without its ending."""
    streamed = StreamingHttpResponse(
        lines(header, (told(row) for row in rows)), content_type="text/csv; charset=utf-8"
    )
    streamed.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.csv") or "attachment"
    streamed.headers["Cache-Control"] = "no-store"
    return streamed
