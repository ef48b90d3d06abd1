"""ExchangeRate-API, open access v6: how to ask for all rates of the dollar and read them.

Asked with base USD: with base KRW its six decimals would leave three digits of a dollar.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

import structlog

from currency.schedule import SEOUL
from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.published import Ask, NoHistory, ProviderFormatError, ProviderRefused, PublishedRate

log = structlog.get_logger(__name__)

_BASE = "USD"
_CODE = re.compile(r"[A-Z]{3}")


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    yield [Ask(f"/v6/latest/{_BASE}")]


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    raise NoHistory("open access has no history")


def parse(payload: bytes, ask: Ask) -> list[PublishedRate]:
    """Units of each currency for 1 USD, fixed when the provider says it last updated them.

    `rate_date` is the Seoul day of that instant: the update is at about 00:02 UTC, 09:02 in Seoul.
    Raises: ProviderRefused for `result` = error, which may come with status 200;
        ProviderFormatError, also for another base.
    """
    document = reading.mapping(reading.json_document(payload), "the answer")
    result = document.get("result")
    if result == "error":
        raise ProviderRefused(f"error-type {str(document.get('error-type'))[:60]}")
    if result != "success":
        raise ProviderFormatError(f"result is {str(result)[:20]!r}, expected success or error")
    if document.get("base_code") != _BASE:
        raise ProviderFormatError(f"base is {str(document.get('base_code'))[:20]!r}, expected {_BASE}")
    if (end := document.get("time_eol_unix", "0")) != "0":
        # The day it switches this address off; zero until it has one.
        log.warning("exchangerate_api_has_an_end", time_eol_unix=str(end)[:20])
    fixed_at = _instant(document.get("time_last_update_unix"))
    rate_date = fixed_at.astimezone(SEOUL).date()
    rates: list[PublishedRate] = []
    for code, printed in reading.mapping(document.get("rates"), "rates").items():
        if not _CODE.fullmatch(code):
            raise ProviderFormatError(f"not a currency code: {code[:20]!r}")
        rate = reading.figure(printed)
        if code != _BASE:
            rates.append(PublishedRate(_BASE, code, 1, rate, str(printed), rate_date, fixed_at))
        elif rate != 1:
            raise ProviderFormatError(f"1 {_BASE} is {printed} {_BASE}")
    if not rates:
        raise ProviderFormatError("an answer without a single rate")
    return rates


def _instant(printed: object) -> datetime:
    try:
        return datetime.fromtimestamp(reading.whole_number(printed), UTC)
    except (ValueError, OverflowError, OSError) as exc:
        raise ProviderFormatError(f"not a time in seconds: {str(printed)[:20]!r}") from exc
