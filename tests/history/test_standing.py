"""Where today stands in a year, in words."""

from datetime import date, timedelta

import numpy as np
import pytest

from history.analysis import Dated
from history.standing import place, standing

FIRST = date(2026, 1, 1)


def of(*prices: float):
    return standing([FIRST + timedelta(days=step) for step in range(len(prices))], np.array(prices))


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (0, "cheapest"), (10, "cheapest"), (10.1, "cheap"), (33.3, "cheap"), (33.4, "middle"),
        (66.6, "middle"), (66.7, "dear"), (90, "dear"), (90.1, "dearest"), (100, "dearest"),
    ],
)  # fmt: skip
def test_a_tenth_at_either_end_and_thirds_between_have_a_word(share, word):
    assert place(share) == word


def test_a_quarter_of_the_days_below_today_is_the_cheap_side():
    # Twenty closes before: five below 11, fifteen above.
    told = of(*[10.0] * 5, *[12.0] * 15, 11.0)

    assert told.percentile == 25.0
    assert told.place == "cheap"
    assert told.lowest == Dated(FIRST, 10.0)
    assert told.highest == Dated(FIRST + timedelta(days=5), 12.0)
    assert (told.first, told.last) == (FIRST, FIRST + timedelta(days=20))


def test_less_than_a_month_of_closes_says_nothing():
    assert of(*[10.0] * 18, 11.0) is None


def test_a_price_that_never_moved_has_no_place():
    assert of(*[10.0] * 30) is None
