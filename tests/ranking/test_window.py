from datetime import UTC, date, datetime

import pytest

from ranking.window import PERIODS, Window, last_days, seoul_day, window_of

SUNDAY = date(2026, 11, 22)


def test_the_seoul_day_begins_at_three_in_the_afternoon_utc():
    assert seoul_day(datetime(2026, 11, 22, 14, 59, 59, 999999, tzinfo=UTC)) == SUNDAY
    assert seoul_day(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("period", "first", "before"),
    [
        ("daily", date(2026, 11, 22), Window(date(2026, 11, 21), date(2026, 11, 21))),
        ("weekly", date(2026, 11, 16), Window(date(2026, 11, 9), date(2026, 11, 15))),
        ("monthly", date(2026, 10, 24), Window(date(2026, 9, 24), date(2026, 10, 23))),
    ],
)
def test_a_window_ends_today_and_the_one_before_it_is_as_long(period, first, before):
    window = window_of(period, SUNDAY)

    assert window == Window(first, SUNDAY)
    assert window.before() == before


def test_a_window_of_a_leap_february_has_its_day():
    assert date(2028, 2, 29) in list(last_days(7, date(2028, 3, 2)).days())


def test_every_period_has_as_many_days_as_the_contract_says():
    assert [len(list(window_of(period, SUNDAY).days())) for period in PERIODS] == [1, 7, 30]


def test_another_period_is_refused_by_name():
    with pytest.raises(ValueError, match="yearly"):
        window_of("yearly", SUNDAY)
