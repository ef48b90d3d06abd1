"""Charts as geometry: where on a surface every line, grid line and label lies.

Lines are paths on a square of 1,000 by 1,000 that is stretched over the surface; labels stand at percents
of it, so that their letters are never stretched. Nothing here knows colours, sizes or languages.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from history.chart import Chart, Floats

Grain = Literal["day", "month", "year"]

#: The side of the square that lines are drawn on.
SIDE = 1000
#: What is left free above and below the lines: a little air, and a foot for the days' labels.
_HEAD, _FOOT = 40, 100
#: Grid lines and dates that fit beside each other on a phone.
_MOST_LEVELS, _MOST_DATES = 5, 5


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line or area as the `d` of a path."""

    key: str
    tone: int
    path: str
    is_dashed: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A grid line: percent from the top, and the value it stands for, told with so many decimals."""

    at: str
    value: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A date below the chart, percent from the left; `grain` is how much of the date is told."""

    at: str
    day: date
    grain: Grain


@dataclass(frozen=True, slots=True)
class Picture:
    areas: list[Stroke]
    lines: list[Stroke]
    levels: list[Level]
    ticks: list[Tick]


def picture(chart: Chart) -> Picture:
    """The chart drawn; it has at least one day with a value."""
    lowest, highest = chart.lowest_and_highest()
    if lowest == highest:  # a level line lies in the middle
        lowest, highest = lowest - abs(lowest) / 100 - 1e-9, highest + abs(highest) / 100 + 1e-9
    across = places(chart.days)
    down = _Down(lowest, highest)
    return Picture(
        areas=[
            Stroke(band.key, band.tone, area(across, down.of(band.lower), down.of(band.upper)))
            for band in chart.bands
        ],
        lines=[
            Stroke(line.key, line.tone, path(across, down.of(line.values)), line.is_dashed)
            for line in chart.lines
        ],
        levels=[
            Level(_percent(float(down.of(np.array([value]))[0])), value, decimals)
            for value, decimals in levels(lowest, highest)
        ],
        ticks=[
            Tick(_percent(_across(day, chart.days[0], chart.days[-1])), day, grain)
            for day, grain in ticks(chart.days[0], chart.days[-1])
        ],
    )


@dataclass(frozen=True, slots=True)
class _Down:
    """From a value to its distance from the top."""

    lowest: float
    highest: float

    def of(self, values: Floats) -> Floats:
        share = (values - self.lowest) / (self.highest - self.lowest)
        return SIDE - _FOOT - share * (SIDE - _HEAD - _FOOT)


def places(days: Sequence[date]) -> Floats:
    """Each day's distance from the left; a day alone stands in the middle."""
    return np.array([_across(day, days[0], days[-1]) for day in days], dtype=np.float64)


def _across(day: date, first: date, last: date) -> float:
    return SIDE * (day - first).days / (last - first).days if last > first else SIDE / 2


def path(across: Floats, down: Floats) -> str:
    """A line through the points, broken nowhere: days without a value are passed over."""
    points = _points(across, down)
    return "M" + "L".join(points) if points else ""


def area(across: Floats, lower: Floats, upper: Floats) -> str:
    """What lies between two lines: along the upper one and back along the lower."""
    there, back = _points(across, upper), _points(across, lower)
    return "M" + "L".join([*there, *reversed(back)]) + "Z" if there else ""


def _points(across: Floats, down: Floats) -> list[str]:
    return [
        f"{_short(x)} {_short(y)}"
        for x, y in zip(across.tolist(), down.tolist(), strict=True)
        if not math.isnan(y)
    ]


def levels(lowest: float, highest: float, *, most: int = _MOST_LEVELS) -> list[tuple[float, int]]:
    """Round values between two, at most `most`, with the decimals they need: steps of 1, 2 or 5 times ten to some power."""
    rough = (highest - lowest) / most
    power = math.floor(math.log10(rough))
    step = next(
        factor * 10.0**power for factor in (1, 2, 5, 10) if factor * 10.0**power >= rough * (1 - 1e-9)
    )
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(lowest / step - 1e-9)
    last = math.floor(highest / step + 1e-9)
    return [(round(number * step, decimals), decimals) for number in range(first, last + 1)]


def ticks(first: date, last: date, *, most: int = _MOST_DATES) -> list[tuple[date, Grain]]:
    """At most `most` dates of a window that a calendar makes stand out: days, Mondays, months or years."""
    for candidates, grain in _calendars(first, last):
        if len(candidates) <= most:
            return [(day, grain) for day in candidates]
    raise AssertionError("a step of a hundred years leaves few enough")


def _calendars(first: date, last: date) -> Iterator[tuple[list[date], Grain]]:
    span = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    if len(span) <= 70:
        yield span, "day"
        yield [day for day in span if day.weekday() < 5], "day"
        mondays = [day for day in span if day.weekday() == 0]
        yield mondays, "day"
        yield mondays[::2], "day"
    beginnings = [day for day in span if day.day == 1]
    for months in (1, 2, 3, 6):
        yield [day for day in beginnings if (day.month - 1) % months == 0], "month"
    years = [day for day in beginnings if day.month == 1]
    for step in (1, 2, 5, 10, 20, 50, 100):
        yield [day for day in years if day.year % step == 0], "year"


def _percent(distance: float) -> str:
    return f"{_short(100 * distance / SIDE)}%"


def _short(distance: float) -> str:
    """One decimal, and none where it is 0: a tenth of a thousandth of a screen is seen by nobody."""
    return f"{distance:.1f}".removesuffix(".0")
