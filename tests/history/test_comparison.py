"""Currencies beside each other, worked out by hand."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from currency.freshness import Freshness
from history.closes import Closes
from history.comparison import compare, correlation, sharpe_ratio

FIRST = date(2026, 10, 1)
THEN = datetime(2026, 10, 30, tzinfo=UTC)


def window(
    code: str, *prices: float, source: str = "ecb", leave_out: tuple[int, ...] = (), state="fresh"
) -> Closes:
    kept = [(FIRST + timedelta(days=at), price) for at, price in enumerate(prices) if at not in leave_out]
    return Closes(
        code=code,
        base="KRW",
        source=source,
        calendar="weekdays",
        freshness=Freshness(FIRST, THEN, THEN, THEN, 0, state),
        first=FIRST,
        days=[day for day, _ in kept],
        prices=np.array([price for _, price in kept], dtype=np.float64),
    )


def of(*windows: Closes):
    return compare({one.code: one for one in windows})


def test_currencies_are_placed_by_their_change():
    told = of(window("USD", 100, 101), window("JPY", 10, 9), window("EUR", 100, 105))

    assert {one.code: one.rank for one in told.compared} == {"USD": 2, "JPY": 3, "EUR": 1}
    assert [one.change_percent for one in told.compared] == pytest.approx([1, -10, 5])
    assert (told.best, told.worst) == ("EUR", "JPY")


def test_equal_changes_share_a_place():
    told = of(*(window(code, 100, 100 + gain) for code, gain in zip("ABCD", (5, 2, 2, 1), strict=True)))

    assert [one.rank for one in told.compared] == [1, 2, 2, 4]


def test_changes_that_rounding_alone_tells_apart_are_equal():
    told = of(window("AED", 100, 105), window("SAR", 100, 105 * (1 + 1e-12)), window("USD", 100, 106))

    assert [one.rank for one in told.compared] == [2, 2, 1]


def test_where_nobody_stands_out_nobody_is_named():
    told = of(window("USD", 100, 101, 100), window("HKD", 100, 101, 100))

    assert (told.best, told.worst, told.most_volatile, told.least_volatile) == (None,) * 4


def test_the_calm_and_the_wild_are_told_apart():
    told = of(window("USD", 100, 101, 100), window("TRY", 30, 33, 30), window("HKD", 170, 170.1, 170))

    assert (told.most_volatile, told.least_volatile) == ("TRY", "HKD")


def test_sharpe_is_mean_over_deviation_a_year():
    # Log returns of 1 % and 3 %: mean 2 %, sample deviation √2 %, so 2 / √2 · √252 = √504.
    assert sharpe_ratio(np.array([0.01, 0.03])) == pytest.approx(math.sqrt(504))


@pytest.mark.parametrize(
    "returns",
    [[], [0.01], [0.01, 0.01, 0.01], [0.0, 0.0], [1e-12, -1e-12, 2e-12]],  # the last: a peg, rounded
)
def test_where_nothing_varies_there_is_no_ratio(returns):
    assert sharpe_ratio(np.array(returns)) is None


def test_a_window_of_long_ago_is_told_but_not_placed():
    days = [date(2022, 2, 28), date(2022, 3, 1)]
    long_ago = replace(window("RUB", 11, 12), days=days, first=days[0])

    told = of(window("USD", 100, 99), long_ago, window("EUR", 100, 98))

    assert {one.code: one.rank for one in told.compared} == {"USD": 1, "RUB": None, "EUR": 2}
    assert (told.best, told.worst) == ("USD", "EUR")


def test_windows_that_ended_together_are_placed_however_long_ago():
    told = of(window("EEK", 100, 99, state="suspended"), window("LVL", 100, 98, state="suspended"))

    assert [one.rank for one in told.compared] == [1, 2]


def test_what_moves_alike_and_against_each_other():
    up = [100, 101, 99, 102, 100]
    down = [1 / price for price in up]

    assert correlation(window("USD", *up), window("HKD", *(each / 8 for each in up))) == pytest.approx(1)
    assert correlation(window("USD", *up), window("XYZ", *down)) == pytest.approx(-1)


def test_a_correlation_by_hand():
    # Log returns 1, 2, 3 and 2, 1, 3 percent: deviations −1, 0, 1 and 0, −1, 1: 1 / 2.
    one = window("USD", *np.exp(np.cumsum([0, 0.01, 0.02, 0.03])))
    other = window("JPY", *np.exp(np.cumsum([0, 0.02, 0.01, 0.03])))

    assert correlation(one, other) == pytest.approx(0.5)


def test_returns_are_taken_between_days_that_both_have():
    # Without the third day USD moved 3 then 3 percent, where JPY moved 5 then 1: each over the same days.
    usd = window("USD", *np.exp(np.cumsum([0, 0.01, 0.02, 0.03, 0.01, 0.04])), leave_out=(2,))
    jpy = window("JPY", *np.exp(np.cumsum([0, 0.03, 0.02, 0.01, 0.05, 0.02])))

    # Between common days: USD 1, 5, 1, 4; JPY 3, 3, 5, 2 percent.
    x, y = np.array([1, 5, 1, 4]), np.array([3, 3, 5, 2])
    x, y = x - x.mean(), y - y.mean()
    assert correlation(usd, jpy) == pytest.approx((x @ y) / math.sqrt((x @ x) * (y @ y)))


@pytest.mark.parametrize(
    "other",
    [
        window("JPY", 10, 11, 10, 12, 10, source="ecos"),  # fixed at another hour of the day
        window("SAR", 400, 400, 400, 400, 400),  # never moved
        window("JPY", 10, 11, 10),  # two returns
        replace(
            window("RUB", 10, 11, 10, 12),
            days=[date(2022, 3, day) for day in (1, 2, 3, 4)],
            first=date(2022, 3, 1),
        ),
    ],
    ids=["another provider", "no movement", "too few", "no common days"],
)
def test_a_correlation_that_would_say_nothing_is_null(other):
    assert correlation(window("USD", 100, 101, 99, 102, 100), other) is None


def test_what_moved_over_years_of_silence_is_nobodys_common_day():
    # Log returns 1, 2, 3 and 2, 1, 3 percent as above, and a jump of both between the second and the third.
    of_days = [date(2008, 12, day) for day in (5, 8, 9)] + [date(2018, 2, 1), date(2018, 2, 2)]
    jumping = [[0, 0.01, 0.03, 1.03, 1.06], [0, 0.02, 0.03, -1.03, -1.00]]
    usd, jpy = (replace(window("X", *np.exp(logs)), days=of_days, first=of_days[0]) for logs in jumping)

    assert correlation(usd, jpy) == pytest.approx(0.5)


series = st.lists(st.floats(0.5, 2), min_size=6, max_size=6)


@given(series, series)
def test_a_correlation_is_the_same_both_ways_and_never_beyond_one(one, other):
    there, back = (correlation(window("A", *a), window("B", *b)) for a, b in ((one, other), (other, one)))

    assert (there is None) == (back is None)
    assert there is None or (there == pytest.approx(back) and abs(there) <= 1 + 1e-12)
