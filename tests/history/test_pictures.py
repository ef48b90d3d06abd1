"""Charts as geometry, worked out by hand on a square of 1,000: lines lie between 40 and 900 from the top."""

from datetime import date

import numpy as np
import pytest

from history.chart import Band, Chart, Line
from history.pictures import levels, picture, ticks

NAN = float("nan")
DAYS = [date(2026, 10, day) for day in (1, 2, 5)]


def line(*values: float, key: str = "a") -> Line:
    return Line(key=key, label=key, tone=1, values=np.array(values))


def test_a_line_runs_through_its_points_by_calendar_days_and_values():
    # The 2nd lies a quarter of the way from the 1st to the 5th; 15 half-way down from 20 to 10.
    drawn = picture(Chart(days=DAYS, lines=[line(10, 15, 20)]))

    assert drawn.lines[0].path == "M0 900L250 470L1000 40"


def test_a_day_without_a_value_is_passed_over():
    drawn = picture(Chart(days=DAYS, lines=[line(10, NAN, 20)]))

    assert drawn.lines[0].path == "M0 900L1000 40"


def test_a_band_is_an_area_along_its_upper_bound_and_back_along_the_lower():
    band = Band(key="b", label="b", tone=2, lower=np.array([NAN, 10, 10]), upper=np.array([NAN, 15, 20]))
    drawn = picture(Chart(days=DAYS, lines=[line(10, 10, 10)], bands=[band]))

    assert drawn.areas[0].path == "M250 470L1000 40L1000 900L250 900Z"


def test_a_price_that_never_moved_is_a_line_in_the_middle():
    drawn = picture(Chart(days=DAYS, lines=[line(10, 10, 10)]))

    assert drawn.lines[0].path == "M0 470L250 470L1000 470"


def test_a_day_alone_stands_in_the_middle():
    drawn = picture(Chart(days=DAYS[:1], lines=[line(10)]))

    assert drawn.lines[0].path == "M500 470"
    assert [tick.at for tick in drawn.ticks] == ["50%"]


def test_grid_lines_lie_at_percents_of_the_height():
    drawn = picture(Chart(days=DAYS, lines=[line(10, 15, 20)]))

    assert [(level.at, level.value) for level in drawn.levels] == [
        ("90%", 10), ("72.8%", 12), ("55.6%", 14), ("38.4%", 16), ("21.2%", 18), ("4%", 20),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lowest", "highest", "told"),
    [
        (1310.2, 1480.9, [(1350, 0), (1400, 0), (1450, 0)]),
        (8.93, 9.41, [(9.0, 1), (9.1, 1), (9.2, 1), (9.3, 1), (9.4, 1)]),
        (0.00812, 0.00934, [(0.0085, 4), (0.009, 4)]),
        (99.4, 101.1, [(99.5, 1), (100.0, 1), (100.5, 1), (101.0, 1)]),
    ],
)
def test_levels_are_round_and_have_the_decimals_they_need(lowest, highest, told):
    assert levels(lowest, highest) == told


@pytest.mark.parametrize(
    ("first", "last", "days", "grain"),
    [
        # A week of trading days; Mondays of a month; the firsts of months, of quarters, of years.
        (date(2026, 10, 26), date(2026, 10, 30), ["26", "27", "28", "29", "30"], "day"),
        (date(2026, 10, 1), date(2026, 10, 30), ["05", "12", "19", "26"], "day"),
        (date(2026, 7, 31), date(2026, 10, 30), ["08", "09", "10"], "month"),
        (date(2025, 10, 31), date(2026, 10, 30), ["01", "04", "07", "10"], "month"),
        (date(2021, 10, 31), date(2026, 10, 30), ["2022", "2023", "2024", "2025", "2026"], "year"),
        (date(1999, 1, 4), date(2026, 10, 30), ["2000", "2010", "2020"], "year"),
    ],
)
def test_dates_below_a_chart_are_those_a_calendar_makes_stand_out(first, last, days, grain):
    told = ticks(first, last)

    form = {"day": "%d", "month": "%m", "year": "%Y"}[grain]
    assert [day.strftime(form) for day, _ in told] == days
    assert {one for _, one in told} == {grain}
