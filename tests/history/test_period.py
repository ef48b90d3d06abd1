"""history.period: where a window begins."""

from datetime import date

import pytest

from currency.schedule import publishes_on
from history.period import HOURLY, PERIODS, first_day


@pytest.mark.parametrize(
    ("period", "newest", "first"),
    [
        # A week before Friday the 30th is Friday the 23rd; the window begins the day after it.
        ("1w", date(2026, 10, 30), date(2026, 10, 24)),
        ("1m", date(2026, 10, 30), date(2026, 10, 1)),
        ("3m", date(2026, 10, 30), date(2026, 7, 31)),
        ("6m", date(2026, 10, 30), date(2026, 5, 1)),
        ("1y", date(2026, 10, 30), date(2025, 10, 31)),
        ("5y", date(2026, 10, 30), date(2021, 10, 31)),
    ],
)
def test_a_window_begins_the_day_after_the_same_day_of_the_time_before(period, newest, first):
    assert first_day(period, newest) == first


@pytest.mark.parametrize(
    ("period", "newest", "first"),
    [
        ("1m", date(2026, 3, 31), date(2026, 3, 1)),  # there is no 31 February: the 28th and a day
        ("1m", date(2024, 3, 31), date(2024, 3, 1)),  # nor in a leap year: the 29th and a day
        ("1m", date(2026, 2, 28), date(2026, 1, 29)),
        ("3m", date(2026, 5, 31), date(2026, 3, 1)),
        ("6m", date(2026, 8, 31), date(2026, 3, 1)),
        ("1y", date(2024, 2, 29), date(2023, 3, 1)),
        ("5y", date(2024, 2, 29), date(2019, 3, 1)),
        ("1y", date(2025, 2, 28), date(2024, 2, 29)),
        ("1m", date(2027, 1, 31), date(2027, 1, 1)),
    ],
)
def test_a_month_that_has_no_such_day_ends_on_its_last(period, newest, first):
    assert first_day(period, newest) == first


@pytest.mark.parametrize("day", [26, 27, 28, 29, 30])
def test_a_week_is_five_trading_days_whichever_it_ends_on(day):
    newest = date(2026, 10, day)  # Monday to Friday

    first = first_day("1w", newest)

    days = [date.fromordinal(number) for number in range(first.toordinal(), newest.toordinal() + 1)]
    assert sum(publishes_on("weekdays", each) for each in days) == 5


def test_max_begins_before_any_rate_there_is():
    assert first_day("max", date(2026, 10, 30)) <= date(1950, 1, 1)


def test_the_periods_are_those_of_the_contract():
    assert list(PERIODS) == ["1w", "1m", "3m", "6m", "1y", "5y", "max"]
    assert HOURLY == ("1w", "1m")
