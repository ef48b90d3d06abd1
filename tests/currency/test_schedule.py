"""currency.schedule: when a rate is set, when it is due, and when what we hold is old."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import pytest

from currency.schedule import (
    due_at,
    expected_date,
    fixing_instant,
    instants_around,
    is_stale,
    last_publication_day,
    publishes_on,
)


@dataclass(frozen=True)
class Plan:
    time_zone: str
    fixing_time: time
    publication_time: time
    calendar: str
    publication_weekday: int | None = None
    grace_minutes: int = 0


ECB = Plan("Europe/Berlin", time(14, 15), time(16, 0), "XECB")
BOK = Plan("Asia/Seoul", time(8, 30), time(11, 0), "KR")
H10 = Plan("America/New_York", time(12, 0), time(16, 20), "XFED", publication_weekday=0)


@pytest.mark.parametrize(
    ("calendar", "day", "open_"),
    [
        ("KR", date(2026, 5, 1), False),  # Labour Day
        ("KR", date(2026, 7, 17), False),  # Constitution Day, a holiday again from 2026
        ("KR", date(2026, 9, 28), True),  # no substitute for Chuseok in 2026
        ("KR", date(2025, 12, 31), True),  # the stock exchange is closed, the base rate is set
        ("XECB", date(2026, 5, 1), False),
        ("XECB", date(2026, 10, 9), True),  # Hangeul Day is no TARGET holiday
        ("XFED", date(2026, 11, 26), False),  # Thanksgiving
        ("weekdays", date(2026, 10, 31), False),  # a Saturday
    ],
)
def test_calendars_know_their_days(calendar, day, open_):
    assert publishes_on(calendar, day) is open_


def test_an_unknown_calendar_is_refused_with_the_accepted_ones():
    with pytest.raises(ValueError, match="KR, XECB, XFED, weekdays"):
        publishes_on("NYSE", date(2026, 1, 5))


def test_after_the_longest_holiday_gap_the_day_before_it_is_found():
    # 2017-09-29 to 2017-10-10: eleven days without a Korean fixing.
    assert last_publication_day("KR", date(2017, 10, 9)) == date(2017, 9, 29)


@pytest.mark.parametrize(("day", "hour"), [(date(2026, 7, 1), 12), (date(2026, 12, 1), 13)])
def test_the_ecb_fixes_at_a_quarter_past_two_in_frankfurt_summer_and_winter(day, hour):
    assert fixing_instant(ECB, day) == datetime(day.year, day.month, day.day, hour, 15, tzinfo=UTC)


def test_an_ecb_rate_falls_on_the_same_day_in_seoul_in_winter_as_well():
    assert fixing_instant(ECB, date(2026, 12, 1)).astimezone(UTC) < datetime(2026, 12, 1, 15, tzinfo=UTC)


def test_before_eleven_in_seoul_yesterdays_base_rate_is_the_newest_expected():
    tuesday_ten = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    assert expected_date(BOK, tuesday_ten) == date(2026, 11, 23)
    assert not is_stale(BOK, date(2026, 11, 23), tuesday_ten)


def test_after_eleven_yesterdays_base_rate_is_stale():
    tuesday_noon = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

    assert is_stale(BOK, date(2026, 11, 23), tuesday_noon)


def test_on_sunday_fridays_rate_is_not_stale():
    assert not is_stale(BOK, date(2026, 11, 20), datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


def test_grace_allows_a_late_publication():
    late = Plan("Asia/Seoul", time(8, 30), time(11, 0), "KR", grace_minutes=120)

    assert not is_stale(late, date(2026, 11, 23), datetime(2026, 11, 24, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2026, 11, 18), date(2026, 11, 20)])
def test_a_weekly_release_brings_last_weeks_days_on_monday(day):
    # Monday 2026-11-23 16:20 in New York is 21:20 UTC.
    assert due_at(H10, day) == datetime(2026, 11, 23, 21, 20, tzinfo=UTC)


def test_a_weekly_release_on_a_closed_monday_comes_on_tuesday():
    # Monday 2027-01-18 is Martin Luther King Day.
    assert due_at(H10, date(2027, 1, 13)) == datetime(2027, 1, 19, 21, 20, tzinfo=UTC)


def test_between_two_weekly_releases_the_week_before_last_is_current():
    assert expected_date(H10, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) == date(2026, 11, 13)


@pytest.mark.parametrize("plan", [ECB, BOK, H10])
def test_bounds_around_rate_dates_hold_their_fixings(plan):
    day = date(2026, 10, 30)

    start, end = instants_around(day, day)

    assert start <= fixing_instant(plan, day) < end
