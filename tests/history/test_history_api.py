"""GET /history through the WSGI entry."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import call_command

from currency.schedule import publishes_on
from history import bars
from history.models import DailyRate
from tests.factories import FRIDAY, make_latest, make_observation

HISTORY = "/api/v1/history"
#: Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
FRIDAY_EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        yield


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def error(answer):
    body = answer.json()
    assert body["success"] is False
    return answer.status_code, body["error"]["code"], body["error"]["details"].get("parameter")


def observe(closes: dict[date, str], code: str = "USD") -> None:
    """One observation a day, its bars and the newest rate, as recording leaves them."""
    for day, close in closes.items():
        make_observation(currency_code=code, rate_date=day, deal_base_rate=close)
    bars.rebuild(source="ecb", first=min(closes), last=max(closes), codes=[code])
    make_latest(
        currency_code=code,
        rate_date=max(closes),
        first_date=min(closes),
        deal_base_rate=closes[max(closes)],
    )


WEEK = {
    date(2026, 10, 23): "1300",
    date(2026, 10, 26): "1313",
    date(2026, 10, 27): "1299.87",
    date(2026, 10, 30): "1335.2667382743",
}


def test_a_week_of_dollars_in_won_is_told_as_in_the_contract(api):
    observe(WEEK)

    told = data(api.get(HISTORY, params={"period": "1w", "target": "USD"}))

    statistics = told.pop("statistics")
    assert told == {
        "base": "KRW",
        "target": "USD",
        "period": "1w",
        "interval": "daily",
        "data_points": 3,
        "source": "ecb",
        "stale": False,
        "freshness": {
            "observed_on": "2026-10-30",
            "as_of": "2026-10-30T13:15:00Z",
            "fetched_at": "2026-10-30T16:00:00Z",
            "next_expected_at": "2026-11-02T15:00:00Z",
            "age_days": 0,
            "state": "fresh",
        },
        "results": [
            # 13 / 1300 is 1 %.
            point("2026-10-26", 1313.0, 13.0, 1.0),
            # 13.13 / 1313 is 1 %.
            point("2026-10-27", 1299.87, -13.13, -1.0),
            # 35.3967382743 / 1299.87 is 2.72309956 %; a rate is told in ten digits.
            point("2026-10-30", 1335.266738, 35.39673827, 2.7231),
        ],
    }
    # (1313 + 1299.87 + 1335.266738) / 3 = 1316.045579333; changes -1 % and 2.72309956 %, whose
    # deviations from their mean are ±1.86154978, so the volatility is 1.86154978 · √2 = 2.6326.
    assert statistics == {
        "average": 1316.045579,
        "min": 1299.87,
        "max": 1335.266738,
        "volatility": 2.6326,
        "trend": "stable",
        "data_points": 3,
    }


def point(day: str, close: float, change: float, percent: float) -> dict[str, object]:
    return {
        "date": day,
        "rate": close,
        "open": close,
        "high": close,
        "low": close,
        "change": change,
        "change_percent": percent,
        "volume": 1,
    }


def test_the_first_change_of_all_is_null(api):
    observe({FRIDAY: "1335.27"})

    [only] = data(api.get(HISTORY, params={"period": "1w", "target": "USD"}))["results"]

    assert (only["change"], only["change_percent"]) == (None, None)


def test_another_base_gives_the_cross_of_each_day(api):
    observe(dict(list(WEEK.items())[:3]))
    observe({date(2026, 10, 23): "10", date(2026, 10, 26): "8", date(2026, 10, 27): "6.5"}, "JPY")

    told = data(api.get(HISTORY, params={"period": "1w", "target": "USD", "base": "JPY"}))

    # 1300/10 = 130, 1313/8 = 164.125, 1299.87/6.5 = 199.98
    assert [(row["rate"], row["change"]) for row in told["results"][-2:]] == [
        (164.125, 34.125),
        (199.98, 35.855),
    ]
    assert (told["base"], told["target"]) == ("JPY", "USD")


def test_won_can_be_priced_as_well(api):
    observe({FRIDAY: "1250"})

    told = data(api.get(HISTORY, params={"period": "1w", "target": "KRW", "base": "USD"}))

    assert [row["rate"] for row in told["results"]] == [0.0008]


def test_codes_and_words_are_case_insensitive(api):
    observe(WEEK)

    small = data(
        api.get(HISTORY, params={"period": "1W", "target": "usd", "base": "krw", "interval": "DAILY"})
    )

    assert small == data(api.get(HISTORY, params={"period": "1w", "target": "USD"}))


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("1w", date(2026, 10, 26)),
        ("1m", date(2026, 10, 1)),
        ("3m", date(2026, 7, 31)),
        ("6m", date(2026, 5, 1)),
        ("1y", date(2025, 10, 31)),
        ("5y", date(2021, 11, 1)),
        ("max", date(2021, 1, 1)),
    ],
)
def test_every_period_ends_on_the_newest_day_and_begins_its_length_before(api, period, first):
    weekdays = [date(2021, 1, 1) + timedelta(days=n) for n in range((FRIDAY - date(2021, 1, 1)).days + 1)]
    weekdays = [day for day in weekdays if publishes_on("weekdays", day)]
    price = dict.fromkeys(("open", "high", "low", "close", "average"), Decimal("1335.27"))
    DailyRate.objects.bulk_create(
        DailyRate(
            currency_code="USD", source="ecb", rate_date=day, observation_count=1, volatility=0.0, **price
        )
        for day in weekdays
    )
    make_latest(first_date=date(2021, 1, 1))

    told = data(api.get(HISTORY, params={"period": period, "target": "USD"}))

    assert [row["date"] for row in told["results"]] == [day.isoformat() for day in weekdays if day >= first]
    assert told["data_points"] == told["statistics"]["data_points"] == len(told["results"]) >= 5
    assert told["statistics"]["trend"] == "stable"


def test_hours_carry_their_start_and_how_many_observations_are_behind_them(api):
    for hour, minute, rate, revision in (
        (9, 5, "1320", 0),
        (9, 50, "9999", 0),
        (9, 50, "1310", 1),
        (11, 0, "1330", 0),
    ):
        instant = datetime(2026, 10, 30, hour, minute, tzinfo=UTC)
        make_observation(recorded_at=instant, deal_base_rate=rate, revision=revision)
    make_latest(first_date=FRIDAY)

    told = data(api.get(HISTORY, params={"period": "1w", "target": "USD", "interval": "hourly"}))

    assert told["interval"] == "hourly"
    assert [(row["date"], row["open"], row["rate"], row["volume"]) for row in told["results"]] == [
        ("2026-10-30T09:00:00Z", 1320.0, 1310.0, 2),
        ("2026-10-30T11:00:00Z", 1330.0, 1330.0, 1),
    ]


def test_a_series_that_lags_its_own_schedule_is_flagged(api):
    observe({date(2026, 10, 28): "1335.27"})

    assert data(api.get(HISTORY, params={"period": "1w", "target": "USD"}))["stale"] is True


@pytest.mark.parametrize(
    ("query", "status", "code", "parameter"),
    [
        ("target=USD", 400, "MISSING_PARAMETER", "period"),
        ("period=1w", 400, "MISSING_PARAMETER", "target"),
        ("period=&target=USD", 400, "MISSING_PARAMETER", "period"),
        ("period=2w&target=USD", 400, "INVALID_PERIOD", "period"),
        ("period=1&target=USD", 400, "INVALID_PERIOD", "period"),
        ("period=1w&target=dollar", 400, "INVALID_CURRENCY_CODE", "target"),
        ("period=1w&target=ZZZ", 400, "INVALID_CURRENCY_CODE", "target"),
        ("period=1w&target=USD&base=won", 400, "INVALID_CURRENCY_CODE", "base"),
        ("period=1w&target=USD&interval=weekly", 400, "INVALID_PARAMETER", "interval"),
        ("period=1w&target=USD&quote=KRW", 400, "INVALID_PARAMETER", "quote"),
        ("period=1w&target=USD&target=JPY", 400, "INVALID_PARAMETER", "target"),
        ("period=5y&target=USD&interval=hourly", 400, "INVALID_PERIOD", "period"),
        ("period=3m&target=USD&interval=hourly", 400, "INVALID_PERIOD", "period"),
        ("period=1w&target=KRW", 400, "INVALID_PARAMETER", "target"),
        ("period=1w&target=USD&base=usd", 400, "INVALID_PARAMETER", "target"),
        ("period=1w&target=VND", 404, "NOT_FOUND", "target"),
        ("period=1w&target=USD&interval=hourly&base=VND", 404, "NOT_FOUND", "target"),
    ],
)
def test_a_wrong_question_is_refused_by_name(api, query, status, code, parameter):
    answer = api.get(f"{HISTORY}?{query}")

    assert error(answer) == (status, code, parameter)
    assert answer.json()["error"]["details"]["expected"]


@pytest.mark.parametrize(
    ("query", "korean", "english"),
    [
        ("target=USD", "빠졌습니다", "is missing"),
        ("period=1w&target=USD&base=USD", "USD", "no price in itself"),
        ("period=1w&target=VND", "VND", "No provider has published VND and KRW"),
        ("period=5y&target=USD&interval=hourly", "1w, 1m", "Hours are kept for short windows"),
    ],
)
def test_refusals_are_korean_and_on_request_english(api, query, korean, english):
    ours = api.get(f"{HISTORY}?{query}").json()["error"]["message"]
    theirs = api.get(f"{HISTORY}?{query}", headers={"Accept-Language": "en"}).json()["error"]["message"]

    assert korean in ours
    assert any("가" <= letter <= "힣" for letter in ours)
    assert english in theirs


@pytest.mark.parametrize("interval", ["daily", "hourly"])
def test_an_answer_costs_two_queries_once_and_then_none(api, django_assert_num_queries, interval):
    observe(WEEK)
    observe(dict.fromkeys(WEEK, "10"), "JPY")
    query = {"period": "1w", "target": "USD", "base": "JPY", "interval": interval}

    with django_assert_num_queries(2):
        cold = data(api.get(HISTORY, params=query))
    with django_assert_num_queries(0):
        warm = data(api.get(HISTORY, params=query))

    assert warm == cold
    assert len(warm["results"]) == 3


def test_a_rebuilt_bar_shows_at_once(api):
    observe(WEEK)
    DailyRate.objects.filter(rate_date=FRIDAY).update(open=1, high=1, low=1, close=1, average=1)
    query = {"period": "1w", "target": "USD"}
    assert data(api.get(HISTORY, params=query))["results"][-1]["rate"] == 1.0

    call_command("rebuild_bars", stdout=io.StringIO())

    assert data(api.get(HISTORY, params=query))["results"][-1]["rate"] == 1335.266738
