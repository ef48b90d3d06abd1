"""Fewer days of a long window."""

from datetime import date, timedelta

import numpy as np

from history.thinning import thin

FIRST = date(2000, 1, 1)


def days(count: int) -> list[date]:
    return [FIRST + timedelta(days=step) for step in range(count)]


def test_a_window_that_is_short_enough_is_kept_whole():
    assert thin(days(5), np.array([[1.0, 2, 3, 2, 1]]), most=5) == [0, 1, 2, 3, 4]


def test_the_first_and_the_last_day_and_every_peak_stay():
    level = np.ones((1, 100))
    level[0, 30], level[0, 71] = 5.0, 0.2

    kept = thin(days(100), level, most=10)

    assert len(kept) == 10
    assert kept[0] == 0
    assert kept[-1] == 99
    assert {30, 71} <= set(kept)
    assert kept == sorted(set(kept))


def test_of_each_bucket_the_day_stays_that_makes_the_largest_triangle():
    # Buckets {1, 2} and {3, 4}. Before the first lies (0, 0), after it the middle of the next, (3.5, 1):
    # |0·… − (0 − x)…|: day 1 at 2 makes |−3.5·2 + 1·1| = 6, day 2 at 1 makes |−3.5·1 + 2·1| = 1.5 (times ½).
    # From (1, 2) to the end (5, 0): day 3 at 0 makes |−4·(0−2) + (3−1)·(0−2)| = 4, day 4 at 2: |0 − 3·2| = 6.
    assert thin(days(6), np.array([[0.0, 2, 1, 0, 2, 0]]), most=4) == [0, 1, 4, 5]


def test_lines_share_their_days_and_weigh_alike_whatever_their_money():
    dollars = np.full(100, 1300.0)
    dollars[20] = 1400.0
    dong = np.full(100, 0.05)
    dong[80] = 0.06

    assert {20, 80} <= set(thin(days(100), np.array([dollars, dong]), most=10))


def test_a_line_that_begins_later_is_told_from_its_first_day_on():
    late = np.full(100, np.nan)
    late[50:] = 2.0
    late[75] = 1.0

    assert {50, 75} <= set(thin(days(100), np.array([np.linspace(1, 2, 100), late]), most=10))
