"""What a window was like, worked out by hand."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.analysis import Dated, Drawdown, analyse, drawdown, percentile, swings, volatility

FIRST = date(2026, 10, 1)


def days(count: int, first: date = FIRST) -> list[date]:
    return [first + timedelta(days=step) for step in range(count)]


def of(*prices: float, before: Dated | None = None):
    return analyse(days(len(prices)), np.array(prices), before=before)


def test_level_range_and_change_of_five_days():
    told = of(1300, 1340, 1310, 1290, 1326)

    assert (told.newest, told.average) == (1326, pytest.approx(6566 / 5))
    assert (told.lowest, told.highest) == (Dated(date(2026, 10, 4), 1290), Dated(date(2026, 10, 2), 1340))
    assert (told.change, told.change_percent) == (26, pytest.approx(2))


def test_days_of_the_largest_rise_and_fall():
    told = of(100, 102, 100.98, 106.029)

    assert (told.best_day.day, told.best_day.value) == (date(2026, 10, 4), pytest.approx(5))
    assert (told.worst_day.day, told.worst_day.value) == (date(2026, 10, 3), pytest.approx(-1))


def test_volatility_is_the_sample_deviation_of_log_returns_a_year():
    # Two log returns, +1 % and −1 %: mean 0, variance (0.01² + 0.01²) / 1, so √2 % a day and √504 % a year.
    told = of(100, 100 * math.exp(0.01), 100)

    assert told.volatility == pytest.approx(math.sqrt(504))
    assert volatility(np.array([0.01])) is None


def test_the_mean_return_is_that_of_log_prices():
    assert of(100, 90, 100 * math.exp(0.02)).mean_return_percent == pytest.approx(1)


@pytest.mark.parametrize(
    ("prices", "place"),
    [
        ((5, 4, 3, 2, 1), 0),  # the lowest
        ((1, 2, 3, 4, 5), 100),
        ((1, 5, 2, 4, 3), 50),
        ((3, 1, 5, 3, 3), 50),  # of four others two are equal: half of them, and the one below
        ((1335.27,), None),
    ],
)
def test_where_today_stands_among_the_other_days(prices, place):
    assert percentile(np.array(prices, dtype=float)) == place


def test_the_deepest_fall_is_from_a_high_to_the_low_after_it():
    # 120 → 90 is 25 %, 110 → 88 only 20 %, and 100 → 88 starts lower.
    told = drawdown(days(7), np.array([100.0, 120, 105, 90, 110, 88.1, 130]))

    assert (told.peak, told.trough) == (date(2026, 10, 2), date(2026, 10, 6))
    assert told.percent == pytest.approx(100 * (88.1 / 120 - 1))


def test_what_only_rose_fell_by_nothing():
    assert drawdown(days(3), np.array([1.0, 2, 3])) == Drawdown(0.0, FIRST, FIRST)


def test_a_swing_is_the_lowest_of_five_days_on_both_sides():
    prices = np.array([9.0, 8, 7, 6, 5, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5])

    assert swings(days(17), prices) == [Dated(date(2026, 10, 6), 4.0)]
    assert swings(days(17), prices, highs=True) == [Dated(date(2026, 10, 12), 10.0)]


@pytest.mark.parametrize("count", [1, 10])
def test_a_window_too_short_for_two_sides_has_no_swings(count):
    assert swings(days(count), np.arange(1.0, count + 1)) == []


def test_support_is_the_nearest_swing_low_under_the_price_and_resistance_the_nearest_high_above():
    valley = [9, 8, 7, 6, 5]
    prices = [*valley, 4, *reversed(valley), 12, *valley, 3, *reversed(valley), 11, *valley, 8.5]

    told = of(*prices)

    assert (told.support.value, told.resistance.value) == (4, 11)


def test_a_price_under_every_swing_low_has_no_support():
    prices = [9, 8, 7, 6, 5, 4, 5, 6, 7, 8, 9, 3.9]

    assert (of(*prices).support, of(*prices).resistance) == (None, None)


def test_months_are_compared_with_the_last_close_of_the_month_before():
    of_days = [date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)]

    september, october = analyse(
        of_days, np.array([100.0, 110, 99, 121]), before=Dated(date(2026, 9, 28), 88)
    ).months

    assert (september.month, september.average, september.min, september.max) == ("2026-09", 105, 100, 110)
    assert (october.month, september.trading_days) == ("2026-10", 2)
    assert [september.change_percent, october.change_percent] == pytest.approx([25, 10])
    assert (september.volatility, october.volatility) == (None, None)


def test_the_first_month_of_all_has_nothing_to_be_compared_with():
    assert of(100, 110).months[0].change_percent is None


def test_what_moved_over_years_of_silence_is_no_days_return():
    # As the króna's: +1 % in 2008, +2 % in 2018, and between them nine years that nobody told.
    of_days = [date(2008, 12, 8), date(2008, 12, 9), date(2018, 2, 1), date(2018, 2, 2)]

    told = analyse(of_days, np.array([100.0, 101, 170, 173.4]))

    assert (told.best_day.day, told.best_day.value) == (date(2018, 2, 2), pytest.approx(2))
    assert (told.worst_day.day, told.worst_day.value) == (date(2008, 12, 9), pytest.approx(1))
    # Two returns lie (ln 1.02 − ln 1.01) / 2 to either side of their mean.
    assert told.volatility == pytest.approx(100 * math.log(1.02 / 1.01) / math.sqrt(2) * math.sqrt(252))
    assert told.change_percent == pytest.approx(73.4)
    assert [month.change_percent for month in told.months] == [None, None]


def test_a_fortnight_between_closes_is_still_a_days_return_and_a_day_more_is_not():
    def volatility_after(pause: int) -> float | None:
        return analyse(
            [FIRST, FIRST + timedelta(days=1), FIRST + timedelta(days=1 + pause)], three
        ).volatility

    three = np.array([100.0, 101, 100])

    assert volatility_after(14) == pytest.approx(100 * math.log(1.01) * math.sqrt(2 * 252))
    assert volatility_after(15) is None


def test_a_currency_that_rounding_alone_moves_has_not_moved():
    # Lev for one euro, as a cross of two won rates with ten decimals each.
    told = of(*(1.9558 * (1 + noise * 1e-13) for noise in (0, 2, -1, 1, -2, 1, 0, 2, 1, -1, 0, 1)))

    assert told.lowest.value == told.highest.value == told.newest
    assert (told.volatility, told.change, told.percentile, told.drawdown.percent) == (0, 0, 50, 0)
    assert (told.trend.direction, told.best_day.value) == ("stable", 0)


def test_one_close_is_told_without_guessing():
    told = of(1335.27)

    assert (told.newest, told.change, told.change_percent) == (1335.27, 0, 0)
    assert (told.volatility, told.mean_return_percent, told.best_day, told.percentile) == (None,) * 4
    assert (told.trend.direction, told.trend.slope, told.trend.t_statistic) == ("stable", None, None)


def test_no_closes_are_refused():
    with pytest.raises(ValueError, match="no closes"):
        analyse([], np.array([]))


prices = st.lists(st.floats(0.01, 10_000), min_size=3, max_size=60)


@given(prices, st.sampled_from([0.00005, 100.0]))
def test_what_is_relative_does_not_depend_on_the_unit(closes, unit):
    one, scaled = (analyse(days(len(closes)), scale * np.array(closes)) for scale in (1.0, unit))

    assert scaled.change_percent == pytest.approx(one.change_percent, abs=1e-7)
    assert scaled.volatility == pytest.approx(one.volatility, abs=1e-7)
    assert scaled.drawdown.percent == pytest.approx(one.drawdown.percent, abs=1e-7)
    assert scaled.average == pytest.approx(unit * one.average)


@given(prices)
def test_everything_lies_where_it_must(closes):
    told = analyse(days(len(closes)), np.array(closes))

    assert told.lowest.value <= told.newest <= told.highest.value
    assert told.percentile is not None
    assert 0 <= told.percentile <= 100
    assert -100 < told.drawdown.percent <= 0
    assert told.drawdown.peak <= told.drawdown.trough
    assert told.support is None or told.support.value <= told.newest
    assert told.resistance is None or told.resistance.value >= told.newest
    assert sum(month.trading_days for month in told.months) == len(closes)
