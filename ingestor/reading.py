"""What every adapter does first with the bytes: text, JSON, figures, days; or a clear refusal.

Nothing here lets a binary float near a rate: JSON numbers stay the digits that were printed.
"""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from ingestor.published import ProviderFormatError

_FIGURE = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
#: `exchange_rate_history.published_rate` keeps this many characters.
_LONGEST_FIGURE = 32
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")


class Digits(str):
    """A JSON number, digit for digit; a plain `str` was printed in quotation marks."""

    __slots__ = ()


def text(payload: bytes) -> str:
    """The payload as UTF-8 text, without a byte order mark.

    Raises: ProviderFormatError when it is empty or in another encoding.
    """
    if not payload.strip():
        raise ProviderFormatError("the body is empty")
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ProviderFormatError(f"not UTF-8: byte {exc.start} of {len(payload)}") from exc


def json_document(payload: bytes) -> Any:
    """The JSON document, its numbers as `Digits`.

    Raises: ProviderFormatError for an empty body, HTML, another encoding, a document cut off.
    """
    document = text(payload)
    if document.lstrip()[:1] == "<":
        raise ProviderFormatError("a page of markup instead of JSON")
    try:
        return json.loads(document, parse_float=Digits, parse_int=Digits, parse_constant=_no_number)
    except (ValueError, RecursionError) as exc:
        raise ProviderFormatError(f"not a whole JSON document ({len(payload)} bytes): {exc}") from exc


def _no_number(constant: str) -> NoReturn:
    raise ProviderFormatError(f"{constant} instead of a number")


def figure(printed: object) -> Decimal:
    """The number as printed, exactly. Raises: ProviderFormatError for anything else."""
    if not isinstance(printed, str) or len(printed) > _LONGEST_FIGURE or not _FIGURE.fullmatch(printed):
        raise ProviderFormatError(f"not a figure: {str(printed)[:40]!r}")
    return Decimal(printed)


def whole_number(printed: object) -> int:
    """A count, printed with or without quotation marks. Raises: ProviderFormatError."""
    if not isinstance(printed, str) or not printed.isascii() or not printed.isdecimal() or len(printed) > 12:
        raise ProviderFormatError(f"not a whole number: {str(printed)[:40]!r}")
    return int(printed)


def day(printed: object) -> date:
    """A day printed as 2026-10-30 or 20261030. Raises: ProviderFormatError."""
    match = _DAY.fullmatch(printed) if isinstance(printed, str) else None
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass  # 2026-02-30
    raise ProviderFormatError(f"not a day: {str(printed)[:40]!r}")


def mapping(value: object, what: str) -> dict[str, Any]:
    """`value` if it is a JSON object. Raises: ProviderFormatError naming `what`."""
    if not isinstance(value, dict):
        raise ProviderFormatError(f"{what} is no JSON object")
    return value


def sequence(value: object, what: str) -> list[Any]:
    """`value` if it is a JSON array. Raises: ProviderFormatError naming `what`."""
    if not isinstance(value, list):
        raise ProviderFormatError(f"{what} is no JSON array")
    return value
