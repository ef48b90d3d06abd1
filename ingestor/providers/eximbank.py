"""Korea Eximbank: how to ask for exchange rates (AP01) and read them.

KRW for 1 or 100 units, with wire rates. One answer is one day, and it does not say which.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import structlog

from currency.schedule import LOOK_BACK
from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, PublishedRate

log = structlog.get_logger(__name__)

_PATH = "/site/program/financial/exchangeJSON"
_UNIT = re.compile(r"([A-Z]{3})(?:\(([0-9]{1,4})\))?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_REFUSALS = {
    "2": "result 2: wrong data code",
    "3": "result 3: the key is not valid, or has expired after two years",
    "4": "result 4: the day's 1,000 calls are used up",
}
#: The bank lists the offshore yuan only; it is what it sells for yuan, so it is kept as CNY.
_HELD_AS = {"CNH": "CNY"}
_NONE = Decimal(0)


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    # The calendar misses decreed holidays, and before 11:00 today is empty, too: whatever the
    # reason, the day before is asked next. Only Saturdays and Sundays are certain.
    for back in range(LOOK_BACK.days + 1):
        day = today - timedelta(days=back)
        if day.weekday() < 5:
            yield [_ask(day, endpoint)]


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        if day.weekday() < 5:  # a holiday too: the calendar is a hint, the empty answer a proof
            yield [_ask(day, endpoint)]


def _ask(day: date, endpoint: Endpoint) -> Ask:
    parameters = {"authkey": endpoint.required_key(), "searchdate": f"{day:%Y%m%d}", "data": "AP01"}
    return Ask(_PATH, parameters, rate_date=day)


def parse(payload: bytes, ask: Ask) -> list[PublishedRate]:
    """KRW for 1 or 100 units, dated by the request; `[]` or null means no rates that day.

    The base rate is Seoul Money Brokerage's (`kftc_deal_bas_r`), else the bank's own; they
    differed for USD in 2018. The won's own row and currencies that ended are left out on purpose.
    Raises: ProviderRefused for result 2, 3 and 4; ProviderFormatError.
    """
    if ask.rate_date is None:
        raise ValueError("AP01 carries no date: the request has to")
    document = reading.json_document(payload)
    rows = reading.sequence([] if document is None else document, "the answer")
    rates: list[PublishedRate] = []
    for row in rows:
        told = reading.mapping(row, "a currency's row")
        _check_result(told.get("result"))
        if (rate := _rate(told, ask.rate_date)) is not None:
            rates.append(rate)
    if rows and not rates:
        raise ProviderFormatError(f"{len(rows)} rows, none of which is a rate")
    return rates


def _check_result(result: object) -> None:
    if (refusal := _REFUSALS.get(str(result))) is not None:
        raise ProviderRefused(refusal)
    if result != "1":
        raise ProviderFormatError(f"result is {str(result)[:20]!r}, expected 1 to 4")


def _rate(row: dict[str, Any], rate_date: date) -> PublishedRate | None:
    match = _UNIT.fullmatch(str(row.get("cur_unit")))
    if match is None:
        raise ProviderFormatError(f"not a currency and its unit: {str(row.get('cur_unit'))[:20]!r}")
    base, unit = match[1], int(match[2] or 1)
    if unit < 1:
        raise ProviderFormatError(f"a rate for {unit} units of {base}")
    if base == "KRW":
        return None  # the won itself: 1, without wire rates
    tts, ttb, book = (_figure(row, name) for name in ("tts", "ttb", "bkpr"))
    if tts == ttb == book == _NONE:
        # Currencies that ended (DEM, FRF, ITL …) stay in the list of old days, without prices.
        log.debug("eximbank_dead_currency", currency=base, rate_date=rate_date.isoformat())
        return None
    own, brokerage = _figure(row, "deal_bas_r"), _figure(row, "kftc_deal_bas_r", required=False)
    if brokerage != own and brokerage != _NONE:
        log.warning(
            "eximbank_base_rates_differ",
            currency=base,
            rate_date=rate_date.isoformat(),
            deal_bas_r=row["deal_bas_r"],
            kftc_deal_bas_r=row["kftc_deal_bas_r"],
        )
    column = "deal_bas_r" if brokerage == _NONE else "kftc_deal_bas_r"
    return PublishedRate(
        base=base,
        quote="KRW",
        unit=unit,
        rate=own if brokerage == _NONE else brokerage,
        printed=row[column],
        rate_date=rate_date,
        tts=tts or None,
        ttb=ttb or None,
        held_as=_HELD_AS.get(base, ""),
    )


def _figure(row: dict[str, Any], column: str, *, required: bool = True) -> Decimal:
    """A figure with thousands commas; 0 stands for none. A column may be missing if not required."""
    printed = row.get(column)
    if not required and printed in (None, ""):
        return _NONE
    if isinstance(printed, str) and _GROUPED.fullmatch(printed):
        printed = printed.replace(",", "")
    return reading.figure(printed)
