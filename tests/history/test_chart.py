"""What a chart shows, before anything is drawn."""

from datetime import date, timedelta

import numpy as np

from history.chart import Band, Chart, Line, continued, joined

DAYS = [date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 5)]


def line(*values: float, key: str = "a", is_dashed: bool = False) -> Line:
    return Line(key=key, label=key, tone=1, values=np.array(values), is_dashed=is_dashed)


def test_it_is_told_to_the_script_in_days_since_1970_with_gaps_as_null():
    told = Chart(days=DAYS[:2], lines=[line(1335.27123456, float("nan"))]).told()

    # 1 October 2026: 56 years of 365 days, 14 leap days, and 273 days of this year.
    assert told["days"] == [20727, 20728]
    assert told["lines"] == [{"label": "a", "tone": 1, "dashed": False, "values": [1335.271, None]}]


def test_lines_of_different_days_are_joined_on_all_of_them():
    chart = joined([(line(1, 3, key="a"), [DAYS[0], DAYS[2]]), (line(5, key="b"), [DAYS[1]])])

    assert chart.days == DAYS
    assert chart.told()["lines"][0]["values"] == [1, None, 3]
    assert chart.told()["lines"][1]["values"] == [None, 5, None]


def test_a_long_chart_says_how_many_days_are_not_drawn():
    days = [DAYS[0] + timedelta(days=step) for step in range(50)]
    chart = Chart(days=days, lines=[line(*range(50))]).thinned(most=20)

    assert len(chart.days) == 20
    assert chart.left_out == 30


def test_a_dashed_line_has_no_say_in_which_days_stay():
    days = [DAYS[0] + timedelta(days=step) for step in range(50)]
    peak = [9.0 if step == 33 else 1.0 for step in range(50)]
    flat = [1.0] * 50

    shown = Chart(days=days, lines=[line(*peak), line(*flat[:10], *[99.0], *flat[11:], is_dashed=True)])

    assert days[33] in shown.thinned(most=5).days
    assert days[10] not in shown.thinned(most=5).days


def test_days_to_come_stand_after_the_known_ones_which_end_where_they_did():
    ahead = [date(2026, 10, 6)]
    fan = Band(
        key="fan", label="fan", tone=5,
        lower=np.array([np.nan, np.nan, 3.0, 2.0]), upper=np.array([np.nan, np.nan, 3.0, 4.0]),
    )  # fmt: skip
    chart = continued(Chart(days=DAYS, lines=[line(1, 2, 3)]), ahead, [fan])

    assert chart.days == [*DAYS, *ahead]
    assert chart.told()["lines"][0]["values"] == [1, 2, 3, None]
    assert chart.told()["bands"][0]["upper"] == [None, None, 3, 4]
    assert chart.lowest_and_highest() == (1.0, 4.0)
