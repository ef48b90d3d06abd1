"""Indicators against hand arithmetic and plain loops, for the dong as for the dinar."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from history.indicators import PAST, indicators, newest
from tests.history import spreadsheet

#: Won for one dong, and for one Kuwaiti dinar; and euros for one dong.
SCALES = [0.05, 4500.0, 0.00003]


def walk(level: float, count: int = 600) -> np.ndarray:
    """A random walk around `level`, the same every time."""
    steps = np.random.default_rng(19970702).normal(0, 0.006, count)
    return level * np.exp(np.cumsum(steps))


@pytest.mark.parametrize("level", SCALES)
def test_every_indicator_is_that_of_a_plain_loop_at_any_scale(level):
    prices = walk(level)

    told = newest(prices)

    expected = spreadsheet.technical(prices)
    expected |= {
        "macd": expected["macd"]["macd"],
        "macd_signal": expected["macd"]["signal"],
        "macd_histogram": expected["macd"]["histogram"],
    }
    assert told == {name: pytest.approx(value, rel=1e-9, abs=0) for name, value in expected.items()}


@pytest.mark.parametrize("level", SCALES)
def test_small_numbers_worked_out_by_hand(level):
    # 1, 2, … 60: averages lie in the middle, an exponential one of 20 days lags by 19 / 2, MACD by the
    # difference of the lags, 25 / 2 − 11 / 2, and a price that only rises has all the strength.
    told = newest(np.arange(1.0, 61.0) * level)

    assert told == {
        "sma_20": pytest.approx(50.5 * level),
        "sma_50": pytest.approx(35.5 * level),
        "ema_20": pytest.approx(50.5 * level),
        "rsi": pytest.approx(100),
        "macd": pytest.approx(7 * level),
        "macd_signal": pytest.approx(7 * level),
        "macd_histogram": pytest.approx(0, abs=1e-9 * level),
        # The variance of twenty whole numbers in a row is (20² − 1) / 12.
        "bollinger_upper": pytest.approx((50.5 + 2 * math.sqrt(399 / 12)) * level),
        "bollinger_middle": pytest.approx(50.5 * level),
        "bollinger_lower": pytest.approx((50.5 - 2 * math.sqrt(399 / 12)) * level),
    }


def test_strength_of_wilders_fourteen_moves_by_hand():
    # Nine rises of 2 and five falls of 3: 18 / 15 is a strength of 1.2, and 100 − 100 / 2.2 = 54.54…
    moves = [2, -3, 2, 2, -3, 2, 2, -3, 2, 2, -3, 2, 2, -3]

    assert newest(100.0 + np.cumsum([0, *moves]))["rsi"] == pytest.approx(100 - 100 / 2.2)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("rsi", 15),
        ("sma_20", 20),
        ("ema_20", 20),
        ("bollinger_upper", 20),
        ("macd", 34),
        ("macd_signal", 34),
        ("sma_50", 50),
    ],
)
def test_an_indicator_is_null_until_it_has_warmed_up(name, needed):
    prices = walk(0.05)

    assert newest(prices[: needed - 1])[name] is None
    assert newest(prices[:needed])[name] is not None


def test_one_close_has_no_indicators():
    assert set(newest(np.array([1335.27])).values()) == {None}


def test_a_price_that_never_moved_has_bands_without_width_and_no_strength():
    told = newest(np.full(100, 0.05))

    assert told["rsi"] is None
    assert told["macd"] == pytest.approx(0, abs=1e-15)
    assert told["bollinger_upper"] == told["bollinger_lower"] == pytest.approx(0.05)


def test_a_price_that_rounding_alone_moves_has_not_moved():
    told = newest(1.9558 * (1 + 1e-13 * (np.arange(100.0) % 3)))

    assert (told["rsi"], told["macd"], told["macd_histogram"]) == (None, 0, 0)
    assert told["bollinger_upper"] == told["bollinger_lower"]


def test_a_longer_past_tells_the_same():
    prices = walk(1335.0, 3 * PAST)

    assert newest(prices) == newest(prices[-PAST:])
    whole = indicators(prices)
    assert newest(prices)["ema_20"] == pytest.approx(whole.ema_20[-1], rel=1e-12)
    assert newest(prices)["rsi"] == pytest.approx(whole.rsi[-1], rel=1e-12)
    assert newest(prices)["macd_signal"] == pytest.approx(whole.macd_signal[-1], rel=1e-9)


def test_later_closes_change_nothing_before_them():
    prices = walk(4500.0)

    cut, whole = indicators(prices[:400]), indicators(prices)
    for name in ("sma_20", "ema_20", "rsi", "macd_signal", "bollinger_upper"):
        assert getattr(cut, name) == pytest.approx(getattr(whole, name)[:400], rel=1e-12, nan_ok=True), name


moves = st.lists(st.floats(-0.05, 0.05), min_size=60, max_size=120)


@given(moves, st.sampled_from(SCALES))
def test_strength_stays_between_0_and_100_and_bands_around_the_average(steps, level):
    told = indicators(level * np.exp(np.cumsum(steps)))

    assert np.isnan(told.rsi[-1]) or 0 <= told.rsi[-1] <= 100
    assert told.bollinger_lower[-1] <= told.bollinger_middle[-1] <= told.bollinger_upper[-1]


@given(moves)
def test_indicators_of_money_are_those_of_its_hundredfold_by_a_hundred(steps):
    prices = np.exp(np.cumsum(steps))
    one, hundred = indicators(prices), indicators(100 * prices)

    assert one.rsi == pytest.approx(hundred.rsi, abs=1e-6, nan_ok=True)
    assert 100 * one.ema_20 == pytest.approx(hundred.ema_20, nan_ok=True)
