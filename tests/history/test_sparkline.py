"""A line as path data: edges, heights, and what is no line."""

import pytest

from history.sparkline import area, path


def test_the_dearest_is_at_the_top_the_cheapest_at_the_bottom_and_days_are_evenly_apart():
    # 120 wide, 36 high, 2 of them kept free above and below: 15 is half way between 10 and 20.
    assert path([10, 20, 15]) == "M0 34 L60 2 L120 18"


def test_an_area_is_closed_along_the_bottom():
    assert area([10, 20]) == "M0 34 L120 2 L120 36 L0 36 Z"


def test_prices_that_do_not_move_are_a_level_line_in_the_middle():
    assert path([1335.27] * 3) == "M0 18 L60 18 L120 18"


@pytest.mark.parametrize("prices", [[], [1335.27]])
def test_fewer_than_two_prices_are_no_line(prices):
    assert (path(prices), area(prices)) == ("", "")


def test_positions_have_one_decimal():
    assert path([0, 1, 2, 3]) == "M0 34 L40 23.3 L80 12.7 L120 2"
