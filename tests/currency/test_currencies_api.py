"""GET /currencies, /currencies/latest, /currencies/{code}, /currencies/convert through the WSGI entry."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from currency.models import Currency
from tests.factories import make_latest, make_observation, make_provider

LATEST = "/api/v1/currencies/latest"
CONVERT = "/api/v1/currencies/convert"
# Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
FRIDAY_EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        yield


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


# --- latest -----------------------------------------------------------------------------------


def test_a_rate_is_the_price_of_one_unit_in_won(api):
    make_latest(currency_code="USD", deal_base_rate="1392.4")
    make_latest(currency_code="JPY", deal_base_rate="9.46")

    told = data(api.get(LATEST, params={"symbols": "usd,JPY"}))

    assert (told["base"], told["rates"]) == ("KRW", {"USD": 1392.4, "JPY": 9.46})
    assert (told["source"], told["cache_hit"], told["stale"]) == ("database", False, False)


def test_the_timestamp_is_the_newest_fixing_in_unix_seconds(api):
    make_latest(currency_code="USD")
    make_latest(currency_code="JPY", rate_date=date(2026, 10, 29))

    told = data(api.get(LATEST, params={"symbols": "USD,JPY"}))

    # 2026-10-30 14:15 in Frankfurt is 13:15 UTC.
    assert told["timestamp"] == int(datetime(2026, 10, 30, 13, 15, tzinfo=UTC).timestamp())


def test_with_another_base_the_price_is_a_cross(api):
    make_latest(currency_code="USD", deal_base_rate="1250")
    make_latest(currency_code="JPY", deal_base_rate="10")

    told = data(api.get(LATEST, params={"symbols": "JPY,KRW,USD", "base": "USD"}))

    # Dollars per yen, dollars per won, and the dollar itself.
    assert told["rates"] == {"JPY": 0.008, "KRW": 0.0008, "USD": 1.0}


def test_numbers_carry_no_binary_noise(api):
    make_latest(currency_code="JPY", deal_base_rate="9.46")

    assert '"JPY":9.46}' in api.get(LATEST, params={"symbols": "JPY"}).text


def test_small_prices_keep_six_digits(api):
    make_latest(currency_code="VND", deal_base_rate="0.0531234567")

    assert data(api.get(LATEST, params={"symbols": "VND"}))["rates"]["VND"] == pytest.approx(
        0.0531234567, rel=1e-9
    )


def test_without_symbols_every_active_currency_is_told_but_the_base(api):
    for code in ("USD", "JPY", "EUR"):
        make_latest(currency_code=code)
    Currency.objects.exclude(code__in=["KRW", "USD", "EUR", "VND"]).update(is_active=False)

    told = data(api.get(LATEST))

    assert set(told["rates"]) == {"USD", "EUR"}
    assert told["missing"] == ["VND"]


def test_details_name_provider_time_and_wire_rates(api):
    make_latest(currency_code="USD", source="ecos", deal_base_rate="1392.4", tts="1406.2", ttb="1378.6")
    make_latest(currency_code="JPY", deal_base_rate="9.46")

    told = data(api.get(LATEST, params={"symbols": "USD,JPY", "details": "true"}))["details"]

    assert told["USD"] == {
        "provider": "ecos",
        "as_of": "2026-10-29T23:30:00Z",  # 08:30 in Seoul
        "stale": False,
        "tts": 1406.2,
        "ttb": 1378.6,
        # It is Saturday in Seoul; the bank is next heard of on Monday at 11:00.
        "freshness": {
            "observed_on": "2026-10-30",
            "as_of": "2026-10-29T23:30:00Z",
            "fetched_at": "2026-10-30T16:00:00Z",
            "next_expected_at": "2026-11-02T02:00:00Z",
            "age_days": 0,
            "state": "carried",
        },
    }
    assert (told["JPY"]["tts"], told["JPY"]["ttb"]) == (None, None)


def test_a_disabled_provider_is_not_asked(api):
    make_latest(currency_code="USD", source="ecos", deal_base_rate="1400")
    make_latest(currency_code="USD", source="ecb", deal_base_rate="1390")
    make_provider("ecos", is_enabled=False)

    assert data(api.get(LATEST, params={"symbols": "USD"}))["rates"] == {"USD": 1390.0}


def test_a_source_that_lags_its_own_schedule_is_flagged(api):
    make_latest(currency_code="USD", rate_date=date(2026, 10, 28))

    assert data(api.get(LATEST, params={"symbols": "USD"}))["stale"] is True


def test_a_week_end_is_not_stale(api):
    make_latest(currency_code="USD")

    with time_machine.travel(datetime(2026, 11, 1, 12, 0, tzinfo=UTC), tick=False):
        told = data(api.get(LATEST, params={"symbols": "USD"}))

    assert told["stale"] is False


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ("symbols=ZZZ", "INVALID_CURRENCY_CODE", "symbols"),
        ("symbols=USD,,JPY", "INVALID_CURRENCY_CODE", "symbols"),
        ("symbols=US", "INVALID_CURRENCY_CODE", "symbols"),
        ("base=%C4%B1nr", "INVALID_CURRENCY_CODE", "base"),  # ınr, whose capital is INR
        ("base=won", "INVALID_CURRENCY_CODE", "base"),
        ("symbol=USD", "INVALID_PARAMETER", "symbol"),
        ("details=perhaps", "INVALID_PARAMETER", "details"),
        ("symbols=%00", "INVALID_CURRENCY_CODE", "symbols"),
        ("symbols=", "MISSING_PARAMETER", "symbols"),
    ],
)
def test_a_wrong_question_is_refused_by_name(api, query, code, parameter):
    answer = api.get(f"{LATEST}?{query}")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (400, code, parameter)
    assert error["details"]["expected"]


# --- one currency -----------------------------------------------------------------------------


def test_a_currency_is_told_with_its_change_against_the_trading_day_before(api):
    make_latest(currency_code="USD", deal_base_rate="1335.27")
    make_observation(rate_date=date(2026, 10, 29), deal_base_rate="1330.00")
    make_observation(deal_base_rate="1335.27")

    told = data(api.get("/api/v1/currencies/usd"))

    assert (told["currency_code"], told["currency_name"], told["country_name"]) == (
        "USD",
        "미국 달러",
        "미국",
    )
    assert (told["current_rate"], told["change"]) == (1335.27, 5.27)
    assert told["change_percent"] == 0.3962  # 5.27 / 1330
    assert (told["source"], told["last_updated"], told["stale"]) == ("ecb", "2026-10-30T13:15:00Z", False)


def test_the_day_before_counts_as_corrected_not_as_first_published(api):
    make_latest(currency_code="USD", deal_base_rate="1335.27")
    thursday = make_observation(rate_date=date(2026, 10, 29), deal_base_rate="9999")
    make_observation(
        rate_date=thursday.rate_date, recorded_at=thursday.recorded_at, revision=1, deal_base_rate="1330.00"
    )

    assert data(api.get("/api/v1/currencies/USD"))["change"] == 5.27


def test_a_monday_of_a_provider_that_repeats_itself_is_compared_with_friday(api):
    vnd = {"currency_code": "VND", "source": "exchangerate_api"}
    make_latest(**vnd, rate_date=date(2026, 10, 26), deal_base_rate="0.0531")
    for day, rate in ((23, "0.0520"), (24, "0.0530"), (25, "0.0530")):
        make_observation(**vnd, rate_date=date(2026, 10, day), deal_base_rate=rate)

    assert data(api.get("/api/v1/currencies/VND"))["change"] == 0.0011


def test_names_are_english_on_request(api):
    make_latest(currency_code="USD")

    told = data(api.get("/api/v1/currencies/USD", headers={"Accept-Language": "en"}))

    assert (told["currency_name"], told["country_name"]) == ("US Dollar", "United States")


def test_the_won_costs_one_won(api):
    told = data(api.get("/api/v1/currencies/KRW"))

    assert (told["current_rate"], told["change"], told["country_code"]) == (1, 0, "KR")


@pytest.mark.parametrize("code", ["dollar", "ZZZ", "12"])
def test_a_malformed_or_unknown_currency_is_a_400(api, code):
    answer = api.get(f"/api/v1/currencies/{code}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_CURRENCY_CODE")


def test_a_known_currency_nobody_has_published_is_a_404(api):
    answer = api.get("/api/v1/currencies/VND")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


# --- the list ---------------------------------------------------------------------------------


def test_the_list_tells_name_symbol_decimals_countries_and_coverage(api):
    make_latest(currency_code="JPY")

    [yen] = [
        row for row in data(api.get("/api/v1/currencies"))["currencies"] if row["currency_code"] == "JPY"
    ]

    assert (yen["currency_name"], yen["decimal_places"], yen["countries"]) == ("일본 엔화", 0, ["JP"])
    assert yen["coverage"] == {"from": "1999-01-04", "to": "2026-10-30"}


# --- convert ----------------------------------------------------------------------------------


def test_an_amount_is_converted_at_the_newest_rates(api):
    make_latest(currency_code="USD", deal_base_rate="1335.27")
    make_latest(currency_code="JPY", deal_base_rate="8.4923")

    told = data(api.get(CONVERT, params={"from": "USD", "to": "JPY", "amount": "100"}))

    assert told["rate"] == pytest.approx(1335.27 / 8.4923, rel=1e-9)
    assert told["result"] == pytest.approx(133527 / 8.4923, rel=1e-9)
    assert (told["from"], told["to"], told["amount"]) == ("USD", "JPY", 100.0)
    assert (told["as_of"], told["stale"], told["source"]) == ("2026-10-30T13:15:00Z", False, "ecb")


@pytest.mark.parametrize(("have", "want", "rate"), [("KRW", "USD", 0.0008), ("USD", "KRW", 1250.0)])
def test_won_are_converted_both_ways(api, have, want, rate):
    make_latest(currency_code="USD", deal_base_rate="1250")

    assert data(api.get(CONVERT, params={"from": have, "to": want, "amount": "1"}))["rate"] == rate


def test_a_day_without_a_rate_takes_the_last_trading_day_before_it(api):
    make_observation(rate_date=date(2026, 10, 23), deal_base_rate="1300")  # Friday
    make_observation(rate_date=date(2026, 10, 26), deal_base_rate="1310")

    told = data(api.get(CONVERT, params={"from": "USD", "to": "KRW", "amount": "2", "date": "2026-10-25"}))

    assert (told["result"], told["as_of"], told["stale"]) == (2600.0, "2026-10-23T12:15:00Z", False)


def test_a_historic_cross_takes_both_figures_of_one_day(api):
    make_observation(currency_code="USD", rate_date=date(2026, 10, 22), deal_base_rate="1300")
    make_observation(currency_code="JPY", rate_date=date(2026, 10, 22), deal_base_rate="10")
    make_observation(currency_code="USD", rate_date=date(2026, 10, 23), deal_base_rate="1400")

    told = data(api.get(CONVERT, params={"from": "USD", "to": "JPY", "amount": "1", "date": "2026-10-23"}))

    assert (told["rate"], told["as_of"]) == (130.0, "2026-10-22T12:15:00Z")


def test_a_sunday_of_a_provider_that_repeats_itself_is_fridays_close(api):
    vnd = {"currency_code": "VND", "source": "exchangerate_api"}
    make_observation(**vnd, rate_date=date(2026, 10, 23), deal_base_rate="0.0520")
    make_observation(**vnd, rate_date=date(2026, 10, 25), deal_base_rate="0.0530")

    told = data(api.get(CONVERT, params={"from": "VND", "to": "KRW", "amount": "1", "date": "2026-10-25"}))

    assert told["rate"] == 0.052


def test_every_digit_of_a_large_amount_comes_back(api):
    make_latest(currency_code="USD", deal_base_rate="1335.27")

    told = data(api.get(CONVERT, params={"from": "USD", "to": "KRW", "amount": "12345678901.23"}))

    assert (told["amount"], told["result"]) == (12345678901.23, 16484814666445.4)  # × 1335.27, 15 digits


def test_converting_money_into_itself_changes_nothing(api):
    told = data(api.get(CONVERT, params={"from": "KRW", "to": "KRW", "amount": "5000"}))

    assert (told["rate"], told["result"]) == (1.0, 5000.0)


@pytest.mark.parametrize(
    ("query", "status", "code", "parameter"),
    [
        ("to=USD&amount=1", 400, "MISSING_PARAMETER", "from"),
        ("from=USD&to=KRW", 400, "MISSING_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=0", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=-5", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=NaN", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=1e500", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=1_000", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=%EF%BC%91%EF%BC%90", 400, "INVALID_PARAMETER", "amount"),  # １０
        ("from=USD&to=KRW&amount=1000000000000.1", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=ten", 400, "INVALID_PARAMETER", "amount"),
        ("from=USD&to=KRW&amount=1&date=2026-W44-5", 400, "INVALID_PARAMETER", "date"),
        ("from=USD&to=KRW&amount=1&date=2026-13-01", 400, "INVALID_PARAMETER", "date"),
        ("from=USD&to=KRW&amount=1&date=2026-10-31", 404, "NOT_FOUND", "from"),
        ("from=USD&to=KRW&amount=1&date=2026-11-02", 400, "INVALID_PARAMETER", "date"),
        ("from=USD&to=KRW&amount=1&date=1949-12-31", 400, "INVALID_PARAMETER", "date"),
        ("from=USD&to=KRW&amount=1&date=0001-01-01", 400, "INVALID_PARAMETER", "date"),
        ("from=USD&to=VND&amount=1", 404, "NOT_FOUND", "from"),
        ("from=XXX&to=KRW&amount=1", 400, "INVALID_CURRENCY_CODE", "from"),
    ],
)
def test_a_wrong_conversion_is_refused_by_name(api, query, status, code, parameter):
    answer = api.get(f"{CONVERT}?{query}")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (status, code, parameter)


def test_a_conversion_asks_at_most_three_queries(api, django_assert_max_num_queries):
    make_observation(rate_date=date(2026, 10, 23), deal_base_rate=Decimal(1300))

    with django_assert_max_num_queries(3):
        data(api.get(CONVERT, params={"from": "USD", "to": "KRW", "amount": "1", "date": "2026-10-25"}))
