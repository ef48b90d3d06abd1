"""The band of the next trading days: its width, its days, and that it knows nothing of what comes."""

import math
from datetime import date, timedelta
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.forecast import DECAY, LEAST, band, forecast, trading_days, unbroken, variances


def days(count: int, last: date = date(2026, 10, 30)) -> list[date]:
    return [last - timedelta(days=back) for back in range(count - 1, -1, -1)]


def walk(sigma: float, count: int, seed: int = 19990104, level: float = 1300.0) -> np.ndarray:
    """A driftless walk of known daily deviation."""
    return level * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, sigma, count)))


def test_the_forecast_is_the_newest_close_on_every_day():
    prices = walk(0.006, 200)

    told = forecast(days(200), prices, calendar="XECB", count=30)

    assert len(told) == 30
    assert {one.predicted for one in told} == {prices[-1]}


def test_the_band_of_a_price_that_moves_by_one_percent_a_day_by_hand():
    # Every squared log return is 0.01², so their mean is, whatever the weights; 90 % of a normal
    # distribution lie under 1.2815515655 deviations (any table).
    prices = np.array([100 * math.exp(0.01 * (at % 2)) for at in range(LEAST)])

    [first, second, *_] = forecast(days(LEAST), prices, calendar="XECB", count=4)

    newest = prices[-1]
    assert [first.lower, first.upper] == pytest.approx(
        [newest * math.exp(-0.012815515655), newest * math.exp(0.012815515655)]
    )
    assert second.upper == pytest.approx(newest * math.exp(0.012815515655 * math.sqrt(2)))


def test_the_variance_is_a_weighted_mean_of_squared_returns_newest_first():
    prices = walk(0.006, 90)

    told = variances(prices)

    returns = [math.log(later / earlier) for earlier, later in pairwise(prices)]
    assert len(told) == 89
    for at in (0, 1, 30, 88):
        weights = [DECAY**back for back in range(at + 1)]
        squares = [returns[at - back] ** 2 for back in range(at + 1)]
        expected = sum(w * square for w, square in zip(weights, squares, strict=True)) / sum(weights)
        assert told[at] == pytest.approx(expected, rel=1e-12)


def test_later_closes_change_no_earlier_variance():
    prices = walk(0.006, 300)
    later = prices.copy()
    later[200:] *= np.linspace(2, 50, 100)

    assert np.array_equal(variances(prices)[:199], variances(later)[:199])


def test_a_wild_week_widens_the_band_and_a_calm_year_narrows_it():
    calm = walk(0.002, 400)
    wild = np.concatenate([calm, calm[-1] * np.exp(np.cumsum([0.05, -0.05, 0.05, -0.05, 0.05]))])

    def width(prices: np.ndarray) -> float:
        [told] = forecast(days(len(prices)), prices, calendar="XECB", count=1)
        return told.upper / told.lower

    assert width(calm) < 1.01
    assert width(wild) > 1.05


@pytest.mark.parametrize(
    ("calendar", "after", "expected"),
    [
        # Chuseok closes Thursday 24 and Friday 25 September 2026 in Seoul.
        ("KR", date(2026, 9, 22), ["2026-09-23", "2026-09-28", "2026-09-29"]),
        # Christmas and Boxing Day (a Saturday) of 2026, and New Year.
        ("XECB", date(2026, 12, 23), ["2026-12-24", "2026-12-28", "2026-12-29"]),
        ("weekdays", date(2026, 10, 30), ["2026-11-02", "2026-11-03", "2026-11-04"]),
    ],
)
def test_only_days_on_which_the_provider_publishes_are_forecast(calendar, after, expected):
    assert [str(day) for day in islice(trading_days(calendar, after), 3)] == expected


def test_a_price_that_never_moved_has_a_band_without_width():
    [told] = forecast(days(LEAST), np.full(LEAST, 0.05), calendar="KR", count=1)

    assert told.lower == told.predicted == told.upper == 0.05


def test_too_few_closes_are_refused():
    with pytest.raises(ValueError, match=f"{LEAST} are needed"):
        forecast(days(LEAST - 1), walk(0.006, LEAST - 1), calendar="KR", count=1)


def test_what_lies_before_a_long_silence_is_left_out():
    # The ECB's króna stopped on 9 December 2008 and came back on 1 February 2018.
    told = [date(2008, 12, 8), date(2008, 12, 9), date(2018, 2, 1), date(2018, 2, 2)]

    kept, prices = unbroken(told, np.array([11.0, 12.0, 10.5, 10.6]))

    assert (kept, list(prices)) == (told[2:], [10.5, 10.6])


def test_holidays_of_eleven_days_are_no_silence():
    # The longest gap of the Korean base rate so far: 29 September to 10 October 2017.
    told = [date(2017, 9, 29), date(2017, 10, 10)]

    assert unbroken(told, np.array([1145.0, 1146.0]))[0] == told


@given(
    st.lists(st.floats(-0.2, 0.2), min_size=LEAST, max_size=90),
    st.sampled_from([0.00005, 0.05, 1335.0, 4500.0]),
)
def test_bands_are_positive_hold_the_forecast_and_widen_with_every_day(steps, level):
    prices = level * np.exp(np.cumsum(steps))

    told = forecast(days(len(prices)), prices, calendar="weekdays", count=30)

    assert all(0 < one.lower <= one.predicted <= one.upper for one in told)
    widths = [one.upper - one.lower for one in told]
    assert widths == sorted(widths)


@given(st.floats(1e-6, 0.01), st.integers(1, 30))
def test_the_band_is_as_far_below_as_above_in_ratio(variance, horizon):
    lower, upper = band(np.array([1300.0]), np.array([variance]), horizon)

    assert lower[0] * upper[0] == pytest.approx(1300.0**2)
