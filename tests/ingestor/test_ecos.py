import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingestor.adapter import Endpoint
from ingestor.providers import ecos
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, ProviderUnavailable
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, parsed

ASK = Ask("/api/StatisticSearch/***/json/kr/1/5000/731Y001/D/20261016/20261030")


def table(*rows: dict[str, Any], total: int | None = None) -> bytes:
    """An answer with these rows, each a dollar of 29 October unless it says otherwise."""
    dollar = {
        "STAT_CODE": "731Y001",
        "STAT_NAME": "3.1.1.1. 주요국 통화의 대원화환율",
        "ITEM_CODE1": "0000001",
        "ITEM_NAME1": "원/미국달러(매매기준율)",
        "UNIT_NAME": "원 ",
        "TIME": "20261029",
        "DATA_VALUE": "1336.1",
    }
    count = len(rows) if total is None else total
    document = {"StatisticSearch": {"list_total_count": count, "row": [dollar | row for row in rows]}}
    return json.dumps(document, ensure_ascii=False).encode()


def item(code: str, name: str, day: str = "20261029", value: str = "100") -> dict[str, str]:
    return {"ITEM_CODE1": code, "ITEM_NAME1": name, "TIME": day, "DATA_VALUE": value}


def test_the_newest_is_asked_for_as_two_weeks_of_all_items_ending_today():
    [[ask]] = ecos.newest(TODAY, Endpoint("https://ecos.example", api_key="abc/1"))

    # 14 days: the longest gap between two fixings was 11. The key is one segment, whatever it holds.
    assert ask.path == "/api/StatisticSearch/abc%2F1/json/kr/1/5000/731Y001/D/20261016/20261030"
    assert ask.parameters == {}


def test_without_a_key_nothing_is_asked():
    with pytest.raises(ProviderRefused):
        list(ecos.newest(TODAY, Endpoint("https://ecos.example")))


def test_a_range_is_cut_into_windows_that_touch_and_do_not_overlap():
    groups = list(ecos.between(date(2026, 1, 1), date(2026, 10, 30), ENDPOINT))

    assert [[ask.path.split("/D/")[1] for ask in group] for group in groups] == [
        ["20260101/20260401"],
        ["20260402/20260701"],
        ["20260702/20260930"],
        ["20261001/20261030"],
    ]


def test_the_whole_history_stays_inside_one_budget_of_300_calls():
    assert len(list(ecos.between(date(1964, 5, 4), TODAY, ENDPOINT))) == 251  # 22,825 days of 91 each


def test_an_answer_holds_won_for_one_or_a_hundred_units():
    rates = parsed("ecos")

    assert len(rates) == 43
    assert (rates["USDKRW"].printed, rates["USDKRW"].unit, rates["USDKRW"].rate_date) == ("1337.7", 1, TODAY)
    assert (rates["JPYKRW"].rate, rates["JPYKRW"].unit) == (Decimal(874), 100)
    assert {rate.base for rate in rates.values() if rate.unit == 100} == {"JPY", "VND", "IDR"}


def test_the_days_of_an_answer_come_from_its_rows():
    rates = ecos.parse(table({"TIME": "20261028"}, {"TIME": "20261029"}), ASK)

    assert [rate.rate_date for rate in rates] == [date(2026, 10, 28), date(2026, 10, 29)]


def test_no_data_is_an_empty_answer_wherever_the_code_stands():
    assert ecos.parse(payload_bytes("ecos/no_data.json"), ASK) == []
    assert ecos.parse(payload_bytes("ecos/nested_no_data.json"), ASK) == []


@pytest.mark.parametrize("value", ["", "-", None])
def test_an_item_without_a_value_has_no_rate_that_day(value):
    assert ecos.parse(table({"DATA_VALUE": value}), ASK) == []


def test_a_wrong_key_is_a_refusal():
    with pytest.raises(ProviderRefused, match="INFO-100: the key is not valid"):
        ecos.parse(payload_bytes("ecos/key_error.json"), ASK)


@pytest.mark.parametrize(
    "code", ["ERROR-100", "ERROR-101", "ERROR-200", "ERROR-300", "ERROR-301", "ERROR-601", "ERROR-999", None]
)
def test_a_wrong_request_is_a_refusal(code):
    with pytest.raises(ProviderRefused):
        ecos.parse(json.dumps({"RESULT": {"CODE": code, "MESSAGE": "…"}}).encode(), ASK)


@pytest.mark.parametrize("code", ["ERROR-400", "ERROR-500", "ERROR-600", "ERROR-602"])
def test_trouble_that_passes_is_not_a_refusal(code):
    with pytest.raises(ProviderUnavailable, match=code):
        ecos.parse(json.dumps({"RESULT": {"CODE": code, "MESSAGE": "…"}}).encode(), ASK)


def test_a_refusal_does_not_repeat_the_message_which_may_echo_the_key():
    echo = {"RESULT": {"CODE": "ERROR-300", "MESSAGE": "요청 k3y0fth3t3sts"}}

    with pytest.raises(ProviderRefused) as caught:
        ecos.parse(json.dumps(echo).encode(), ASK)

    assert "k3y0fth3t3sts" not in str(caught.value)


def test_rows_cut_off_at_the_end_of_the_page_are_never_taken_for_all():
    with pytest.raises(ProviderFormatError, match="1 of 6000 rows"):
        ecos.parse(table({}, total=6000), ASK)


def test_a_name_that_tells_another_unit_is_refused():
    with pytest.raises(ProviderFormatError, match="per 100"):
        ecos.parse(payload_bytes("ecos/wrong_unit.json"), ASK)
    with pytest.raises(ProviderFormatError, match="per 1"):
        ecos.parse(table(item("0000028", "원/태국바트(100바트)")), ASK)


@pytest.mark.parametrize(
    "unknown",
    [item("0000054", "원/캄보디아리엘"), item("0000003", "원/미국달러 고가"), item("0000012", "원/유로")],
)
def test_an_item_we_do_not_know_is_passed_on_as_no_currency_never_guessed(unknown):
    [rate] = ecos.parse(table(unknown), ASK)

    assert rate.base == "XXX"


def test_blanks_inside_an_items_name_do_not_matter():
    [rate] = ecos.parse(table(item("0000040", "원/멕시코페소 ")), ASK)

    assert rate.base == "MXN"


def test_before_1999_the_euros_series_holds_the_ecu():
    old, new = ecos.parse(
        table(item("0000003", "원/유로", "19981231"), item("0000003", "원/유로", "19990104")), ASK
    )

    assert (old.base, new.base) == ("XEU", "EUR")


def test_the_old_yuan_series_counts_until_the_new_one_begins():
    last, clash, new = ecos.parse(
        table(
            item("0000027", "원/중국위안", "20151231", "180.55"),
            item("0000027", "원/중국위안", "20160104", "180.6"),
            item("0000053", "원/위안(매매기준율)", "20160104", "181.43"),
        ),
        ASK,
    )

    assert (last.base, clash.base, new.base) == ("CNY", "XXX", "CNY")


@pytest.mark.parametrize(
    "row",
    [
        {"STAT_CODE": "731Y003"},
        {"UNIT_NAME": "달러"},
        {"UNIT_NAME": None},
        {"DATA_VALUE": "1,336.1"},
        {"DATA_VALUE": "NaN"},
        {"DATA_VALUE": "1336.1원"},
        {"TIME": "2026Q1"},
        {"TIME": "20260230"},
        {"TIME": None},
    ],
)
def test_a_row_of_another_table_unit_or_form_is_refused(row):
    with pytest.raises(ProviderFormatError):
        ecos.parse(table(row), ASK)
