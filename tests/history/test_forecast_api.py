"""GET /history/forecast/{code} and `manage.py backtest`."""

import io
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command

from history.backtest import refresh
from history.models import DailyRate, ForecastBacktest
from history.tasks import backtest_forecasts
from tests.factories import FRIDAY, cover, make_bar, make_latest

FORECAST = "/api/v1/history/forecast"
ENGLISH = {"Accept-Language": "en"}
FRIDAY_EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        yield


@pytest.fixture
def _dollars():
    """Five months that swing by a percent, and end at 1300 won."""
    cover(date(2026, 6, 1), FRIDAY)
    bars = list(DailyRate.objects.order_by("-rate_date"))
    for at, bar in enumerate(bars):
        bar.open = bar.high = bar.low = bar.close = 1300 if at % 2 == 0 else 1313
    DailyRate.objects.bulk_update(bars, ["open", "high", "low", "close"])


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.usefixtures("_dollars")
def test_the_next_trading_days_are_told_as_in_the_contract(api):
    told = data(api.get(f"{FORECAST}/usd", params={"days": "3"}, headers=ENGLISH))

    assert [told[name] for name in ("currency", "base", "forecast_period", "forecast_date")] == [
        "USD",
        "KRW",
        "3d",
        "2026-10-30",
    ]
    assert (told["method"], told["confidence_level"]) == ("random_walk_ewma/1", 0.8)
    assert [one["date"] for one in told["forecast_data"]] == ["2026-11-02", "2026-11-03", "2026-11-04"]
    assert {one["predicted_rate"] for one in told["forecast_data"]} == {1300.0}
    # Every log return is ±ln 1.01, so a day's deviation is 0.995033 %, and 1.2815515655 of them:
    # 1300 · e^∓0.0127518…
    first = told["forecast_data"][0]["confidence_interval"]
    assert [first["lower"], first["upper"]] == pytest.approx([1283.5278, 1316.6836], abs=1e-4)
    assert "devaluation" in told["disclaimer"]


@pytest.mark.usefixtures("_dollars")
def test_the_track_record_is_told_with_it(api):
    told = data(api.get(f"{FORECAST}/USD", params={"days": "2"}, headers=ENGLISH))["backtest"]

    # 110 weekdays, so 51 forecasts from the 60th on; every move of 13 or 0 won lies inside.
    assert DailyRate.objects.count() == 110
    one, two = told["by_horizon"]
    assert (one["observations"], two["observations"]) == (50, 49)
    assert (one["coverage"], two["coverage"]) == (1.0, 1.0)
    assert (one["mean_absolute_error"], one["naive_mean_absolute_error"]) == (13.0, 13.0)
    assert told["horizon"] == 2
    assert "nothing here claims to beat it" in told["note"]


@pytest.mark.usefixtures("_dollars")
def test_what_the_night_has_found_is_told_and_nothing_is_written_by_reading(api):
    at_once = data(api.get(f"{FORECAST}/USD", params={"days": "5"}))["backtest"]
    assert ForecastBacktest.objects.count() == 0
    refresh(FRIDAY_EVENING)
    ForecastBacktest.objects.filter(horizon=5).update(coverage=0.777)

    stored = data(api.get(f"{FORECAST}/USD", params={"days": "5", "strict": "true"}))["backtest"]

    assert at_once["coverage"] == 1.0
    assert stored["coverage"] == 0.777
    assert {**stored, "coverage": 1.0}["observations"] == at_once["observations"]


def test_a_week_is_told_where_no_days_are_asked_for(api):
    cover(date(2026, 6, 1), FRIDAY)

    assert len(data(api.get(f"{FORECAST}/USD"))["forecast_data"]) == 7


def test_a_cross_is_forecast_in_the_base(api):
    cover(date(2026, 6, 1), FRIDAY)
    cover(date(2026, 6, 1), FRIDAY, code="JPY", close="8.9018")

    told = data(api.get(f"{FORECAST}/USD", params={"base": "JPY", "days": "1"}))

    assert told["current_rate"] == told["forecast_data"][0]["predicted_rate"] == 150.0


@pytest.mark.usefixtures("_dollars")
def test_a_forecast_takes_three_queries_once_and_then_none(api, django_assert_num_queries):
    with django_assert_num_queries(3):
        cold = data(api.get(f"{FORECAST}/USD"))
    with django_assert_num_queries(0):
        assert data(api.get(f"{FORECAST}/USD")) == cold


@pytest.mark.parametrize(
    ("address", "status", "code", "parameter"),
    [
        ("USD?days=0", 400, "INVALID_PARAMETER", "days"),
        ("USD?days=31", 400, "INVALID_PARAMETER", "days"),
        ("USD?days=abc", 400, "INVALID_PARAMETER", "days"),
        ("USD?days=1.5", 400, "INVALID_PARAMETER", "days"),
        ("USD?horizon=7", 400, "INVALID_PARAMETER", "horizon"),
        ("USDT", 400, "INVALID_CURRENCY_CODE", "code"),
        ("USD?base=WON", 400, "INVALID_CURRENCY_CODE", "base"),
        ("KRW", 400, "INVALID_PARAMETER", "base"),
        ("USD?base=USD", 400, "INVALID_PARAMETER", "base"),
        ("VND", 404, "NOT_FOUND", "code"),
        ("EUR", 404, "NOT_FOUND", "code"),  # three closes
    ],
)
def test_a_wrong_question_is_refused_by_name(api, address, status, code, parameter):
    cover(date(2026, 6, 1), FRIDAY)
    make_latest(currency_code="EUR")
    for day in (28, 29, 30):
        make_bar(date(2026, 10, day), "1491.76", currency_code="EUR")

    answer = api.get(f"{FORECAST}/{address}", headers=ENGLISH)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (status, code, parameter)
    assert error["details"]["expected"]


@pytest.mark.usefixtures("_dollars")
def test_a_currency_that_is_no_longer_published_has_no_future(api):
    cover(date(2021, 11, 1), date(2022, 3, 1), code="RUB", close="11")

    answer = api.get(f"{FORECAST}/RUB", headers=ENGLISH)

    assert answer.status_code == 404
    assert "last published on 2022-03-01" in answer.json()["error"]["message"]


@pytest.mark.usefixtures("_dollars")
def test_the_nightly_task_may_run_twice():
    backtest_forecasts()
    backtest_forecasts()

    assert ForecastBacktest.objects.count() == 30


@pytest.mark.usefixtures("_dollars")
def test_the_command_prints_how_many_outcomes_the_bands_have_held():
    told = io.StringIO()

    call_command("backtest", "usd", "VND", stdout=told)

    [header, row, without, *notes] = told.getvalue().splitlines()
    assert header.split()[:3] == ["pair", "source", "years"]
    assert row.split()[:6] == ["USD/KRW", "ecb", "2026–2026", "50", "100.0!", "100.0!"]
    assert without == "Nothing to test, fewer than 61 closes: VND."
    assert "80%" in notes[0]


@pytest.mark.parametrize(("arguments", "message"), [(["KRW"], "against itself"), (["EURO"], "ISO 4217")])
def test_the_command_refuses_what_cannot_be_tested(arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("backtest", *arguments)
