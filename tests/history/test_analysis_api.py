"""GET /history/stats and /history/compare through the WSGI entry."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from config.cache import generation
from currency.models import LatestRate
from history.models import DailyRate
from tests.factories import FRIDAY, cover, make_bar, make_latest

STATS = "/api/v1/history/stats"
COMPARE = "/api/v1/history/compare"
ENGLISH = {"Accept-Language": "en"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(datetime(2026, 10, 30, 17, 0, tzinfo=UTC), tick=False):
        yield


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def week(
    code: str = "USD", prices: tuple[str, ...] = ("1300", "1313", "1300", "1287", "1326"), **more
) -> None:
    """Monday to Friday."""
    make_latest(currency_code=code, first_date=date(2026, 10, 26), **more)
    for day, price in enumerate(prices, start=26):
        make_bar(date(2026, 10, day), price, currency_code=code, **more)


def test_a_week_is_told_as_in_the_contract(api):
    week()

    told = data(api.get(STATS, params={"target": "usd", "period": "1W"}))

    freshness = told.pop("freshness")
    assert (freshness["observed_on"], freshness["state"]) == ("2026-10-30", "fresh")
    statistics = told.pop("statistics")
    assert told == {
        "currency_pair": "KRW/USD",
        "period": "1w",
        "analysis_date": "2026-10-30",
        "current_rate": 1326.0,
        "data_points": 5,
        "source": "ecb",
        "stale": False,
        "technical_indicators": {
            "sma_20": None,
            "sma_50": None,
            "ema_20": None,
            "rsi": None,
            "macd": {"macd": None, "signal": None, "histogram": None},
            "bollinger_upper": None,
            "bollinger_middle": None,
            "bollinger_lower": None,
        },
        "monthly_breakdown": [
            {
                "month": "2026-10",
                "average": 1305.2,
                "min": 1287.0,
                "max": 1326.0,
                "change_percent": None,
                # The same days as the window, so its figure.
                "volatility": statistics["volatility_index"],
                "trading_days": 5,
            }
        ],
    }
    # 1287 to 1326 is 3.0303… %; of four other closes all are below 1326; 1313 to 1287 is −1.98… %.
    assert {
        name: statistics[name] for name in ("current_rate", "period_average", "period_min", "period_max")
    } == {
        "current_rate": 1326.0,
        "period_average": 1305.2,
        "period_min": 1287.0,
        "period_max": 1326.0,
    }
    assert (statistics["total_change"], statistics["total_change_percent"]) == (26.0, 2.0)
    assert statistics["best_day"] == {"date": "2026-10-30", "percent": 3.0303030303}
    assert (statistics["percentile"], statistics["trend_direction"]) == (100.0, "stable")
    assert statistics["maximum_drawdown"] == {
        "percent": -1.9801980198,
        "peak_date": "2026-10-27",
        "trough_date": "2026-10-29",
    }
    assert {
        statistics[name] for name in ("support_level", "support_date", "resistance_level", "resistance_date")
    } == {None}


def test_support_and_resistance_are_told_with_their_days(api):
    prices = (9, 8, 7, 6, 5, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4.5)
    make_latest(first_date=date(2026, 10, 9))
    weekdays = [
        date(2026, 10, day) for day in (*range(9, 10), *range(12, 17), *range(19, 24), *range(26, 31))
    ]
    for day, price in zip(weekdays, prices, strict=True):
        make_bar(day, str(price))

    told = data(api.get(STATS, params={"target": "USD", "period": "1m"}))["statistics"]

    assert (told["support_level"], told["support_date"]) == (4.0, "2026-10-16")
    assert (told["resistance_level"], told["resistance_date"]) == (9.0, "2026-10-23")


def test_indicators_are_the_same_whatever_the_window(api):
    cover(date(2024, 6, 3), FRIDAY)
    for at, bar in enumerate(DailyRate.objects.order_by("rate_date")):
        price = 1300 + (at * 7919) % 101
        DailyRate.objects.filter(pk=bar.pk).update(
            open=price, high=price, low=price, close=price, average=price
        )

    week, year, everything = (
        data(api.get(STATS, params={"target": "USD", "period": period}))["technical_indicators"]
        for period in ("1w", "1y", "max")
    )

    assert week == year == everything
    assert None not in week.values()


def test_a_comparison_is_told_as_in_the_contract(api):
    week("USD", ("1300", "1313", "1300", "1287", "1326"))
    week("JPY", ("9.0", "9.1", "9.0", "8.9", "8.91"))

    told = data(api.get(COMPARE, params={"targets": "USD,JPY", "period": "1w"}))

    assert (told["base"], told["period"], told["comparison_date"], told["stale"]) == (
        "KRW",
        "1w",
        "2026-10-30",
        False,
    )
    rows = [(one["currency"], one["current_rate"], one["performance_rank"]) for one in told["comparison"]]
    assert rows == [("USD", 1326.0, 1), ("JPY", 8.91, 2)]
    assert [one["period_change_percent"] for one in told["comparison"]] == [2.0, -1.0]
    assert list(told["correlation_matrix"]) == ["USD_JPY"]
    assert told["portfolio_analysis"] == {
        "best_performer": "USD",
        "worst_performer": "JPY",
        "most_volatile": "USD",
        "least_volatile": "JPY",
    }


def test_both_addresses_take_two_queries_once_and_then_none(api, django_assert_num_queries):
    week("USD")
    week("JPY", ("9.0", "9.1", "9.0", "8.9", "8.91"))
    asked = [
        (STATS, {"target": "USD", "base": "JPY", "period": "1w"}),
        (COMPARE, {"targets": "USD,JPY", "period": "1w"}),
    ]

    for address, query in asked:
        with django_assert_num_queries(2):
            cold = data(api.get(address, params=query))
        with django_assert_num_queries(0):
            assert data(api.get(address, params=query)) == cold


def test_a_new_rate_shows_at_once(api):
    week()
    query = {"target": "USD", "period": "1w"}
    assert data(api.get(STATS, params=query))["current_rate"] == 1326.0

    make_bar(date(2026, 10, 31), "1339.26")
    make_bar(date(2026, 11, 1), "1339.26")
    LatestRate.objects.update(rate_date=date(2026, 11, 1))
    generation.move_on()

    assert data(api.get(STATS, params=query))["current_rate"] == 1339.26


@pytest.mark.parametrize(
    ("query", "status", "code", "parameter"),
    [
        ("period=1y", 400, "MISSING_PARAMETER", "target"),
        ("target=USD", 400, "MISSING_PARAMETER", "period"),
        ("target=USD&period=2y", 400, "INVALID_PERIOD", "period"),
        ("target=USDX&period=1y", 400, "INVALID_CURRENCY_CODE", "target"),
        ("target=USD&period=1y&base=EURO", 400, "INVALID_CURRENCY_CODE", "base"),
        ("target=USD&period=1y&base=USD", 400, "INVALID_PARAMETER", "target"),
        ("target=USD&period=1y&interval=daily", 400, "INVALID_PARAMETER", "interval"),
        ("target=USD&target=JPY&period=1y", 400, "INVALID_PARAMETER", "target"),
        ("target=VND&period=1y", 404, "NOT_FOUND", "target"),
        ("target=USD&period=1y&base=VND", 404, "NOT_FOUND", "target"),
    ],
)
def test_wrong_statistics_are_refused_by_name(api, query, status, code, parameter):
    week()

    answer = api.get(f"{STATS}?{query}", headers=ENGLISH)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (status, code, parameter)
    assert error["details"]["expected"]


@pytest.mark.parametrize(
    ("query", "status", "code", "parameter", "expected"),
    [
        ("period=1m", 400, "MISSING_PARAMETER", "targets", "ISO 4217"),
        ("targets=USD,JPY", 400, "MISSING_PARAMETER", "period", "1w, 1m"),
        ("targets=USD&period=1m", 400, "INVALID_PARAMETER", "targets", "2 to 10 different"),
        ("targets=USD,usd&period=1m", 400, "INVALID_PARAMETER", "targets", "2 to 10 different"),
        (
            "targets=USD,JPY,EUR,CNY,THB,GBP,AUD,HKD,SGD,CHF,CAD&period=1m",
            400,
            "INVALID_PARAMETER",
            "targets",
            "2 to 10 different",
        ),
        ("targets=USD,JPY,&period=1m", 400, "INVALID_CURRENCY_CODE", "targets", "ISO 4217"),
        ("targets=USD,KRW&period=1m", 400, "INVALID_PARAMETER", "targets", "other than KRW"),
        ("targets=USD,JPY&period=day", 400, "INVALID_PERIOD", "period", "1w, 1m"),
        ("targets=USD,VND&period=1m", 404, "NOT_FOUND", "targets", "coverage"),
    ],
)
def test_a_wrong_comparison_is_refused_by_name(api, query, status, code, parameter, expected):
    week()

    answer = api.get(f"{COMPARE}?{query}", headers=ENGLISH)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (status, code, parameter)
    assert expected in error["details"]["expected"]
