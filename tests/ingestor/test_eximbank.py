import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import structlog

from ingestor.providers import eximbank
from ingestor.published import Ask, ProviderFormatError, ProviderRefused
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, parsed

FRIDAY = date(2026, 10, 30)
ASK = Ask("/site/program/financial/exchangeJSON", rate_date=FRIDAY)


def sheet(*rows: dict[str, Any]) -> bytes:
    """An answer with these rows, each a US dollar unless it says otherwise; None leaves a column out."""
    dollar = {
        "result": 1,
        "cur_unit": "USD",
        "ttb": "1,322.73",
        "tts": "1,349.46",
        "deal_bas_r": "1,336.1",
        "bkpr": "1,336",
        "kftc_bkpr": "1,336",
        "kftc_deal_bas_r": "1,336.1",
    }
    return json.dumps([{k: v for k, v in (dollar | row).items() if v is not None} for row in rows]).encode()


def test_the_newest_is_looked_for_day_by_day_over_a_fortnight_without_weekends():
    groups = list(eximbank.newest(TODAY, ENDPOINT))

    assert [len(group) for group in groups] == [1] * 11
    assert [str(ask.rate_date) for [ask] in groups] == [
        "2026-10-30", "2026-10-29", "2026-10-28", "2026-10-27", "2026-10-26",
        "2026-10-23", "2026-10-22", "2026-10-21", "2026-10-20", "2026-10-19", "2026-10-16",
    ]  # fmt: skip
    [first] = groups[0]
    assert first.parameters == {"authkey": "k3y0fth3t3sts", "searchdate": "20261030", "data": "AP01"}


def test_a_range_asks_once_for_each_weekday_whatever_the_calendar_says():
    groups = list(eximbank.between(date(2026, 9, 23), date(2026, 9, 29), ENDPOINT))

    # Chuseok closed 24 and 25 September, which the answer says; 26 and 27 are a week-end.
    assert [[str(ask.rate_date) for ask in group] for group in groups] == [
        ["2026-09-23"],
        ["2026-09-24"],
        ["2026-09-25"],
        ["2026-09-28"],
        ["2026-09-29"],
    ]


def test_an_answer_holds_won_with_wire_rates_dated_by_the_request():
    rates = parsed("eximbank")

    assert len(rates) == 22
    dollar, yen = rates["USDKRW"], rates["JPYKRW"]
    assert (dollar.printed, dollar.rate, dollar.unit) == ("1,336.1", Decimal("1336.1"), 1)
    assert (dollar.ttb, dollar.tts, dollar.rate_date) == (Decimal("1322.73"), Decimal("1349.46"), FRIDAY)
    assert (yen.rate, yen.unit, yen.ttb, yen.tts) == (
        Decimal("873.23"),
        100,
        Decimal("864.49"),
        Decimal("881.96"),
    )


def test_the_offshore_yuan_is_kept_as_yuan_and_still_shows_its_code():
    yuan = parsed("eximbank")["CNHKRW"]

    assert (yuan.base, yuan.held_as) == ("CNH", "CNY")


def test_the_wons_own_row_is_no_rate():
    assert "KRWKRW" not in parsed("eximbank")


def test_old_days_leave_out_currencies_that_ended_and_take_the_brokerages_rate():
    with structlog.testing.capture_logs() as events:
        rates = eximbank.parse(
            payload_bytes("eximbank/2018-01-02.json"), Ask("/", rate_date=date(2018, 1, 2))
        )

    # ECOS has the same three figures for that day; the bank's own dollar was 1,066.9.
    assert [(rate.base, rate.printed) for rate in rates] == [
        ("EUR", "1,286.91"),
        ("JPY", "951.05"),
        ("USD", "1,071.4"),
    ]
    [difference] = [event for event in events if event["event"] == "eximbank_base_rates_differ"]
    assert (difference["currency"], difference["deal_bas_r"], difference["log_level"]) == (
        "USD",
        "1,066.9",
        "warning",
    )


@pytest.mark.parametrize("kftc", ["0", "", None])
def test_the_banks_own_rate_stands_in_where_the_brokerages_is_missing(kftc):
    [rate] = eximbank.parse(sheet({"kftc_deal_bas_r": kftc}), ASK)

    assert (rate.rate, rate.printed) == (Decimal("1336.1"), "1,336.1")


def test_wire_rates_of_zero_are_none():
    [rate] = eximbank.parse(sheet({"tts": "0", "ttb": "0"}), ASK)

    assert (rate.tts, rate.ttb) == (None, None)


@pytest.mark.parametrize("body", [b"[]", b"null", b" [ ] \n"])
def test_an_empty_list_means_no_rates_that_day(body):
    assert eximbank.parse(body, ASK) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("wrong_data_code", "result 2"),
        ("key_error", "result 3"),
        ("quota", "result 4: the day's 1,000 calls"),
    ],
)
def test_the_banks_own_errors_are_refusals_not_empty_days(name, reason):
    with pytest.raises(ProviderRefused, match=reason):
        eximbank.parse(payload_bytes(f"eximbank/{name}.json"), ASK)


def test_a_sheet_of_which_nothing_is_left_is_not_an_empty_day():
    with pytest.raises(ProviderFormatError, match="none of which"):
        eximbank.parse(sheet({"tts": "0", "ttb": "0", "bkpr": "0"}), ASK)


@pytest.mark.parametrize("name", ["wrong_unit.json", "euc_kr.json"])
def test_another_unit_or_encoding_is_refused(name):
    with pytest.raises(ProviderFormatError):
        eximbank.parse(payload_bytes(f"eximbank/{name}"), ASK)


@pytest.mark.parametrize(
    "row",
    [
        {"result": 5},
        {"result": None},
        {"result": [1]},
        {"cur_unit": "usd"},
        {"cur_unit": "USD(0)"},
        {"cur_unit": None},
        {"deal_bas_r": None},
        {"deal_bas_r": "13,36.1"},
        {"kftc_deal_bas_r": "1336,1"},
        {"tts": "-"},
        {"ttb": "1.322,73"},
        {"bkpr": "Infinity"},
    ],
)
def test_a_row_of_another_form_is_refused(row):
    with pytest.raises(ProviderFormatError):
        eximbank.parse(sheet(row), ASK)


def test_an_answer_without_the_day_that_was_asked_for_cannot_be_read():
    with pytest.raises(ValueError, match="no date"):
        eximbank.parse(sheet({}), Ask("/"))
