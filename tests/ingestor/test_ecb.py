from datetime import date
from decimal import Decimal

import pytest

from ingestor.providers import ecb
from ingestor.published import Ask, ProviderFormatError
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, parsed, zipped

DAILY = Ask("/stats/eurofxref/eurofxref-daily.xml", media="xml")
HISTORY = Ask("/stats/eurofxref/eurofxref-hist.zip", media="zip")


def history(*, without: bytes = b"", put: bytes = b"") -> bytes:
    return zipped(
        payload_bytes("ecb/history.csv").replace(without, put, 1)
        if without
        else payload_bytes("ecb/history.csv")
    )


def test_the_newest_day_is_one_file_and_the_history_another():
    [newest] = ecb.newest(TODAY, ENDPOINT)
    [every_day] = ecb.between(date(2026, 1, 1), TODAY, ENDPOINT)

    assert [ask.path for ask in newest] == ["/stats/eurofxref/eurofxref-daily.xml"]
    assert [ask.path for ask in every_day] == ["/stats/eurofxref/eurofxref-hist.zip"]


def test_the_daily_sheet_tells_units_of_each_currency_for_one_euro():
    rates = parsed("ecb")

    assert len(rates) == 29
    assert (rates["EURKRW"].rate, rates["EURKRW"].unit, rates["EURKRW"].rate_date) == (
        Decimal("1491.76"),
        1,
        TODAY,
    )
    assert rates["EURUSD"].rate == Decimal("1.1172")


def test_the_daily_sheet_keeps_the_zeros_it_printed():
    assert parsed("ecb")["EURGBP"].printed == "0.83380"


def test_either_quotation_mark_may_stand_around_an_attribute():
    single = payload_bytes("ecb/2026-10-30.xml")

    assert ecb.parse(single.replace(b"'", b'"'), DAILY) == ecb.parse(single, DAILY)


def test_a_sheet_of_several_days_gives_every_day():
    two = payload_bytes("ecb/2026-10-30.xml").replace(
        b"</Cube>\n\t</Cube>",
        b"</Cube><Cube time='2026-10-29'><Cube currency='KRW' rate='1488.4'/></Cube>\n\t</Cube>",
    )

    assert ecb.parse(two, DAILY)[-1].rate_date == date(2026, 10, 29)


@pytest.mark.parametrize(
    "broken",
    [
        b"<?xml version='1.0'?><Envelope/>",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        payload_bytes("ecb/2026-10-30.xml").replace(b"1491.76", b"1.491,76"),
        payload_bytes("ecb/2026-10-30.xml").replace(b"1491.76", b""),
        payload_bytes("ecb/2026-10-30.xml").replace(b"'KRW'", b"'won'"),
        payload_bytes("ecb/2026-10-30.xml").replace(b"2026-10-30", b"30 October 2026"),
        payload_bytes("ecb/2026-10-30.xml").replace(b"ecb.int", b"ecb.example"),
        payload_bytes("ecb/2026-10-30.xml").replace(b"Reference", b"R\xe9f\xe9rence"),
    ],
    ids=["empty", "entity", "comma", "no figure", "code", "day", "namespace", "latin-1"],
)
def test_a_sheet_that_is_not_the_banks_is_refused(broken):
    with pytest.raises(ProviderFormatError):
        ecb.parse(broken, DAILY)


def test_the_history_skips_what_was_not_quoted_that_day():
    rates = {(rate.rate_date, rate.quote): rate.printed for rate in ecb.parse(history(), HISTORY)}

    assert rates[date(2008, 12, 9), "ISK"] == "290"  # the last day before it was suspended
    assert (date(2008, 12, 10), "ISK") not in rates
    assert (date(2018, 1, 31), "ISK") not in rates
    assert rates[date(2018, 2, 1), "ISK"] == "125.01"
    assert rates[date(2004, 12, 31), "TRL"] == "1836200"
    assert rates[date(2005, 1, 3), "TRY"] == "1.815"
    assert (date(2005, 1, 3), "TRL") not in rates


def test_the_bundled_file_is_the_banks_history_since_1999():
    ask, payload = ecb.bundled()

    rates = ecb.parse(payload, ask)

    # 7,126 days of 41 columns hold 292,166 cells, of which 70,464 say N/A (counted with grep).
    assert len(rates) == 221_702
    assert len({rate.rate_date for rate in rates}) == 7_126
    assert sum(rate.quote == "KRW" for rate in rates) == 7_126
    assert (min(rate.rate_date for rate in rates), max(rate.rate_date for rate in rates)) == (
        date(1999, 1, 4),
        TODAY,
    )


@pytest.mark.parametrize(
    ("without", "put"),
    [
        (b"Date,", b"Day,"),
        (b",KRW,", b",KPW,"),
        (b"1491.76,", b"1491.76"),
        (b"1491.76,", b"1.491,76,"),
        (b"1491.76,", b"NaN,"),
        (b"1491.76,", b","),
        (b"2026-10-30,", b"30 October 2026, "),
        (b"2026-10-30", b"2026-02-30"),
        (b"ZAR,\n", b"ZAR\n"),
        (b"Date,USD", b"Date,\xa4"),
    ],
)
def test_a_history_with_another_shape_is_refused(without, put):
    with pytest.raises(ProviderFormatError):
        ecb.parse(history(without=without, put=put), HISTORY)


def test_a_history_that_ends_in_the_middle_of_a_row_is_refused():
    with pytest.raises(ProviderFormatError):
        ecb.parse(zipped(payload_bytes("ecb/history.csv")[:-9]), HISTORY)


def test_a_history_that_is_no_zip_archive_is_refused():
    for body in (payload_bytes("maintenance.html"), payload_bytes("ecb/history.csv"), b"PK\x03\x04", b""):
        with pytest.raises(ProviderFormatError):
            ecb.parse(body, HISTORY)


def test_a_zip_archive_that_was_cut_off_damaged_or_holds_another_file_is_refused():
    whole = history()
    damaged = bytearray(whole)
    damaged[200] ^= 0xFF

    for body in (whole[:-30], bytes(damaged), zipped(b"Date,USD,\n", "readme.txt")):
        with pytest.raises(ProviderFormatError):
            ecb.parse(body, HISTORY)


def test_a_zip_archive_that_unpacks_into_something_huge_is_refused():
    bomb = zipped(b"0" * 20_000_001)

    assert len(bomb) < 100_000
    with pytest.raises(ProviderFormatError, match="claims 20000001 bytes"):
        ecb.parse(bomb, HISTORY)
