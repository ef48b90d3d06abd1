"""A currency's window for people, over bars by the day."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from currency.schedule import publishes_on
from history.rate_window import Window, chart, window
from tests.factories import cover, make_bar, make_latest

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
FRIDAY = date(2026, 10, 30)
LABELS = dict.fromkeys(("close", "sma20", "sma50", "bollinger", "forecast"), "name")


def rising(first: date, *, code: str = "USD", start: int = 1000) -> None:
    """One won more on every weekday up to Friday, 30 October 2026."""
    days = [first + timedelta(days=step) for step in range((FRIDAY - first).days + 1)]
    for number, day in enumerate(day for day in days if publishes_on("weekdays", day)):
        make_bar(day, str(start + number), currency_code=code)
    make_latest(currency_code=code, first_date=first)


def read(period: str = "1m", code: str = "USD") -> Window:
    told = window(code=code, period=period, now=NOW)
    assert told is not None
    return told


def test_nobody_having_published_it_there_is_no_window():
    assert window(code="VND", period="1y", now=NOW) is None


def test_averages_reach_back_before_the_window():
    rising(date(2026, 1, 1))

    drawn = chart(read("1w"), overlays=["sma20", "sma50"], labels=LABELS)

    # 217 weekdays since New Year: Friday is 1216. The mean of the last 20 is 9.5 less, of 50 24.5 less.
    assert [line.key for line in drawn.lines] == ["close", "sma20", "sma50"]
    assert [float(line.values[-1]) for line in drawn.lines] == pytest.approx([1216, 1206.5, 1191.5])
    assert drawn.days[0] == date(2026, 10, 26)


def test_an_average_that_has_not_warmed_up_is_no_line():
    rising(date(2026, 9, 14))

    drawn = chart(read("1w"), overlays=["sma20", "sma50"], labels=LABELS)

    assert [line.key for line in drawn.lines] == ["close", "sma20"]  # 35 closes


def test_bollingers_band_lies_two_deviations_around_the_average():
    rising(date(2026, 1, 1))

    [band] = chart(read("1w"), overlays=["bollinger"], labels=LABELS).bands

    # The deviation of 20 numbers in a row is √((20² − 1) / 12) = 5.76628.
    assert float(band.upper[-1]) == pytest.approx(1206.5 + 2 * 5.766281)
    assert float(band.lower[-1]) == pytest.approx(1206.5 - 2 * 5.766281)


def test_the_fan_opens_at_the_newest_close_and_runs_over_the_days_to_come():
    rising(date(2026, 1, 1))

    drawn = chart(read("1w"), overlays=["forecast"], labels=LABELS)

    [fan] = drawn.bands
    assert drawn.days[5:] == [date(2026, 11, day) for day in (2, 3, 4, 5, 6)]
    assert np.isnan(fan.lower[:4]).all()
    assert float(fan.lower[4]) == float(fan.upper[4]) == 1216
    widths = (fan.upper - fan.lower)[4:]
    assert (np.diff(widths) > 0).all()


def test_a_history_too_short_for_a_forecast_has_none():
    rising(date(2026, 9, 14))

    told = read("1m")

    assert (told.foreseen, told.scores) == ([], [])
    assert chart(told, overlays=["forecast"], labels=LABELS).bands == []


def test_a_currency_that_is_published_no_more_has_no_days_to_come():
    cover(date(2026, 1, 1), date(2026, 9, 30), code="HRK", close="180")
    make_latest()

    assert read("1y", "HRK").foreseen == []


def test_the_yen_is_drawn_per_hundred():
    rising(date(2026, 1, 1), code="JPY", start=9)

    drawn = chart(read("1w", "JPY"), overlays=[], labels=LABELS)

    assert float(drawn.lines[0].values[-1]) == 22500  # 9 + 216 won for one


def test_the_track_record_is_of_as_many_days_as_are_foretold():
    rising(date(2026, 1, 1))

    assert [score.horizon for score in read("1w").scores] == [1, 2, 3, 4, 5]
    assert len(read("1m").scores) == 10


def test_a_window_takes_three_queries_and_two_more_where_no_backtest_is_stored(django_assert_num_queries):
    from history import backtest

    rising(date(2026, 1, 1))
    with django_assert_num_queries(5):
        read()
    backtest._refresh("USD", NOW)

    with django_assert_num_queries(3):
        read()
