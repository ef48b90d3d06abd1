"""Bank of Korea ECOS: how to ask for table 731Y001 and read it.

KRW for 1 unit, or for 100 where the item's name says so; no field tells. Every answer comes with
status 200, errors too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import structlog

from currency.schedule import LOOK_BACK
from ingestor import reading
from ingestor.adapter import Endpoint
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, ProviderUnavailable, PublishedRate

log = structlog.get_logger(__name__)

_SERVICE = "StatisticSearch"
_TABLE = "731Y001"
_NO_DATA = "INFO-200"
#: What waiting may heal; every other code is a wrong key or a wrong request.
_PASSING = {
    "ERROR-400": "the search ran into the server's 60 seconds",
    "ERROR-500": "server error",
    "ERROR-600": "database connection error",
    "ERROR-602": "too many calls",
}
#: One page holds a window: 13 weeks of 53 items, six days a week before 2006, are 4,134 rows.
#: Sixty years are then 250 calls, inside one budget, and each far from the server's 60 seconds.
_WINDOW = timedelta(days=91)
_PAGE = 5000

#: Printed for an item we do not know, or whose name is not the one we know: ISO's "no currency",
#: which screening rejects and counts.
_UNKNOWN = "XXX"
_EURO = date(1999, 1, 1)
_YUAN_AT_SEOUL = date(2016, 1, 4)


@dataclass(frozen=True, slots=True)
class _Item:
    """One series of the table: `unit` of `code` cost that many won."""

    code: str
    unit: int
    name: str


_ITEMS = {
    "0000001": _Item("USD", 1, "원/미국달러(매매기준율)"),
    "0000002": _Item("JPY", 100, "원/일본엔(100엔)"),
    "0000003": _Item("EUR", 1, "원/유로"),  # before 1999 the ECU
    "0000004": _Item("DEM", 1, "원/독일마르크"),
    "0000005": _Item("FRF", 1, "원/프랑스프랑"),
    "0000006": _Item("ITL", 100, "원/이태리리라(100리라)"),
    "0000007": _Item("BEF", 1, "원/벨기에프랑"),
    "0000008": _Item("ATS", 1, "원/오스트리아실링"),
    "0000009": _Item("NLG", 1, "원/네덜란드길더"),
    "0000010": _Item("ESP", 100, "원/스페인페세타(100페세타)"),
    "0000011": _Item("FIM", 1, "원/핀란드마르카"),
    "0000012": _Item("GBP", 1, "원/영국파운드"),
    "0000013": _Item("CAD", 1, "원/캐나다달러"),
    "0000014": _Item("CHF", 1, "원/스위스프랑"),
    "0000015": _Item("HKD", 1, "원/홍콩달러"),
    "0000016": _Item("SEK", 1, "원/스웨덴크로나"),
    "0000017": _Item("AUD", 1, "원/호주달러"),
    "0000018": _Item("DKK", 1, "원/덴마크크로나"),
    "0000019": _Item("NOK", 1, "원/노르웨이크로나"),
    "0000020": _Item("SAR", 1, "원/사우디아라비아리얄"),
    "0000021": _Item("KWD", 1, "원/쿠웨이트디나르"),
    "0000022": _Item("BHD", 1, "원/바레인디나르"),
    "0000023": _Item("AED", 1, "원/아랍에미리트디르함"),
    "0000024": _Item("SGD", 1, "원/싱가포르달러"),
    "0000025": _Item("MYR", 1, "원/말레이지아링깃"),
    "0000026": _Item("NZD", 1, "원/뉴질랜드달러"),
    "0000027": _Item("CNY", 1, "원/중국위안"),  # by way of the dollar, until the yuan traded in Seoul
    "0000028": _Item("THB", 1, "원/태국바트"),
    "0000029": _Item("IDR", 100, "원/인도네시아루피아(100루피아)"),
    "0000030": _Item("CNH", 1, "원/홍콩위안"),
    "0000031": _Item("TWD", 1, "원/대만달러"),
    "0000032": _Item("MNT", 1, "원/몽골투그릭"),
    "0000033": _Item("KZT", 1, "원/카자흐스탄텡게"),
    "0000034": _Item("PHP", 1, "원/필리핀페소"),
    "0000035": _Item("VND", 100, "원/베트남동(100동)"),
    "0000036": _Item("BND", 1, "원/브루나이달러"),
    "0000037": _Item("INR", 1, "원/인도루피"),
    "0000038": _Item("PKR", 1, "원/파키스탄루피"),
    "0000039": _Item("BDT", 1, "원/방글라데시타카"),
    "0000040": _Item("MXN", 1, "원/멕시코 페소"),
    "0000041": _Item("BRL", 1, "원/브라질 헤알"),
    "0000042": _Item("ARS", 1, "원/아르헨티나페소"),
    "0000043": _Item("RUB", 1, "원/러시아루블"),
    "0000044": _Item("HUF", 1, "원/헝가리포린트"),
    "0000045": _Item("PLN", 1, "원/폴란트즈워티"),  # their spelling
    "0000046": _Item("CZK", 1, "원/체코코루나"),
    "0000047": _Item("QAR", 1, "원/카타르리얄"),
    "0000048": _Item("ILS", 1, "원/이스라엘셰켈"),
    "0000049": _Item("JOD", 1, "원/요르단디나르"),
    "0000050": _Item("TRY", 1, "원/튀르키예리라"),
    "0000051": _Item("ZAR", 1, "원/남아프리카공화국랜드"),
    "0000052": _Item("EGP", 1, "원/이집트파운드"),
    "0000053": _Item("CNY", 1, "원/위안(매매기준율)"),
}


def newest(today: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    # A range ending today, not today: whether today is posted yet is for the answer to say.
    yield [_ask(today - LOOK_BACK, today, endpoint)]


def between(first: date, last: date, endpoint: Endpoint) -> Iterator[list[Ask]]:
    start = first
    while start <= last:
        end = min(start + _WINDOW - timedelta(days=1), last)
        yield [_ask(start, end, endpoint)]
        start = end + timedelta(days=1)


def _ask(first: date, last: date, endpoint: Endpoint) -> Ask:
    # The key is a segment of the path: `scrub` knows, whoever shows this path.
    key = quote(endpoint.required_key(), safe="")
    return Ask(f"/api/{_SERVICE}/{key}/json/kr/1/{_PAGE}/{_TABLE}/D/{first:%Y%m%d}/{last:%Y%m%d}")


def parse(payload: bytes, ask: Ask) -> list[PublishedRate]:
    """KRW for 1 or 100 units, dated by the answer (Seoul's day); INFO-200 means no rates there.

    Raises: ProviderRefused for a wrong key or request; ProviderUnavailable for what waiting
        heals; ProviderFormatError, also for rows that were cut off at the page's end.
    """
    document = reading.mapping(reading.json_document(payload), "the answer")
    service = document.get(_SERVICE)
    result = document.get("RESULT") or (service.get("RESULT") if isinstance(service, dict) else None)
    if result is not None:
        _check(reading.mapping(result, "RESULT"))
        return []
    table = reading.mapping(service, _SERVICE)
    rows = reading.sequence(table.get("row"), "row")
    if (total := reading.whole_number(table.get("list_total_count"))) > len(rows):
        raise ProviderFormatError(f"{len(rows)} of {total} rows")
    return [rate for row in rows if (rate := _rate(reading.mapping(row, "a row"))) is not None]


def _check(result: dict[str, Any]) -> None:
    """Return for the one code that is an answer. Its messages may echo the request: not repeated."""
    code = str(result.get("CODE"))[:20]
    if code == _NO_DATA:
        return
    if code in _PASSING:
        raise ProviderUnavailable(f"{code}: {_PASSING[code]}")
    raise ProviderRefused(f"{code}: the key is not valid" if code == "INFO-100" else f"{code}: refused")


def _rate(row: dict[str, Any]) -> PublishedRate | None:
    if row.get("STAT_CODE") != _TABLE:
        raise ProviderFormatError(f"a row of table {str(row.get('STAT_CODE'))[:20]!r}, asked for {_TABLE}")
    if str(row.get("UNIT_NAME")).strip() != "원":  # really "원 ", with a blank
        raise ProviderFormatError(f"a figure in {str(row.get('UNIT_NAME'))[:20]!r}, expected won")
    if (printed := row.get("DATA_VALUE")) in (None, "", "-"):
        return None  # how the table says that there is none
    rate, rate_date = reading.figure(printed), reading.day(row.get("TIME"))
    code, unit = _currency(str(row.get("ITEM_CODE1")), str(row.get("ITEM_NAME1")), rate_date)
    return PublishedRate(code, "KRW", unit, rate, str(printed), rate_date)


def _currency(number: str, name: str, rate_date: date) -> tuple[str, int]:
    """(currency, unit) of an item; the name has to agree, because a wrong code answers just as well."""
    item = _ITEMS.get(number)
    if item is None or "".join(item.name.split()) != "".join(name.split()):
        if item is not None and (item.unit == 100) != ("100" in name):
            raise ProviderFormatError(f"item {number} is {name[:40]!r}, expected a rate per {item.unit}")
        log.warning("ecos_unknown_item", item=number, name=name[:40])
        return _UNKNOWN, 1
    if number == "0000003" and rate_date < _EURO:
        return "XEU", item.unit
    if number == "0000027" and rate_date >= _YUAN_AT_SEOUL:
        # Two yuan on one day: 0000053 is the one fixed in Seoul.
        log.warning("ecos_legacy_yuan", rate_date=rate_date.isoformat())
        return _UNKNOWN, 1
    return item.code, item.unit
