import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import structlog

from ingestor.providers import exchangerate_api
from ingestor.published import Ask, NoHistory, ProviderFormatError, ProviderRefused
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, parsed

ASK = Ask("/v6/latest/USD")


def answer(**changed: Any) -> bytes:
    document = {
        "result": "success",
        "time_last_update_unix": 1788566552,
        "time_eol_unix": 0,
        "base_code": "USD",
        "rates": {"USD": 1, "KRW": 1335.4217},
    }
    return json.dumps(document | changed).encode()


def test_the_dollar_is_asked_for_and_there_is_no_history():
    [[ask]] = exchangerate_api.newest(TODAY, ENDPOINT)

    assert (ask.path, ask.parameters) == ("/v6/latest/USD", {})
    with pytest.raises(NoHistory, match="has no history"):
        exchangerate_api.between(date(2026, 1, 1), TODAY, ENDPOINT)


def test_an_answer_holds_units_of_each_currency_for_one_dollar_digit_for_digit():
    rates = parsed("exchangerate_api")

    assert len(rates) == 164  # 165 codes, less the dollar itself
    assert (rates["USDKRW"].printed, rates["USDKRW"].rate) == ("1335.4217", Decimal("1335.4217"))
    assert rates["USDVND"].rate == Decimal("26310.55")
    assert "USDUSD" not in rates


def test_rates_are_fixed_when_the_provider_says_it_updated_them():
    [rate] = exchangerate_api.parse(answer(), ASK)

    assert rate.fixed_at == datetime(2026, 9, 5, 0, 2, 32, tzinfo=UTC)
    assert rate.rate_date == date(2026, 9, 5)


def test_an_update_late_in_the_utc_day_belongs_to_the_next_day_in_seoul():
    late = int(datetime(2026, 9, 4, 23, 58, tzinfo=UTC).timestamp())

    [rate] = exchangerate_api.parse(answer(time_last_update_unix=late), ASK)

    assert rate.rate_date == date(2026, 9, 5)


def test_an_error_is_a_refusal_although_the_status_was_200():
    with pytest.raises(ProviderRefused, match="unsupported-code"):
        exchangerate_api.parse(payload_bytes("exchangerate_api/error.json"), ASK)


def test_another_base_is_refused():
    with pytest.raises(ProviderFormatError, match="base is 'KRW'"):
        exchangerate_api.parse(payload_bytes("exchangerate_api/wrong_base.json"), ASK)
    with pytest.raises(ProviderFormatError, match=r"1 USD is 0\.00075 USD"):
        exchangerate_api.parse(answer(rates={"USD": 0.00075, "KRW": 1}), ASK)


@pytest.mark.parametrize(("end", "warnings"), [(0, 0), (1800000000, 1)])
def test_the_day_the_service_ends_is_announced_in_the_log(end, warnings):
    with structlog.testing.capture_logs() as events:
        exchangerate_api.parse(answer(time_eol_unix=end), ASK)

    assert [event["log_level"] for event in events] == ["warning"] * warnings


@pytest.mark.parametrize(
    "changed",
    [
        {"result": "ok"},
        {"rates": {}},
        {"rates": {"USD": 1}},
        {"rates": None},
        {"rates": {"usd": 1}},
        {"rates": {"KRW": "1,335"}},
        {"rates": {"KRW": None}},
        {"rates": {"KRW": float("nan")}},
        {"time_last_update_unix": None},
        {"time_last_update_unix": -1},
        {"time_last_update_unix": 999999999999},
    ],
)
def test_an_answer_of_another_form_is_refused(changed):
    with pytest.raises(ProviderFormatError):
        exchangerate_api.parse(answer(**changed), ASK)
