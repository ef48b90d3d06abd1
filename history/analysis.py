"""What a window of closes was like: its level and range, how much it moved, where today stands in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from currency.schedule import LOOK_BACK
from history.statistics import Trend, trend

Floats = NDArray[np.float64]

#: Trading days of a year, by convention: what a daily deviation is annualised with, as its root.
YEAR = 252
#: Moves smaller than this share of a price are none: rates are kept with ten decimals, and their rounding alone
#: makes a currency seem to move that is tied to another.
STILL = 1e-8
#: A swing low is the lowest close of this many days on both sides, and of itself.
SWING = 5


@dataclass(frozen=True, slots=True)
class Dated:
    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall from a high of the window, percent (0 or less), with the days it lay between."""

    percent: float
    peak: date
    trough: date


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of the window. `change_percent` is against the last close of the month before, where
    that one is no more than two weeks older than the first of this.
    """

    month: str
    average: float
    min: float
    max: float
    change_percent: float | None
    volatility: float | None
    trading_days: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """Prices in base currency for one unit; None where the window is too short to tell.

    `change` is from the first close of the window to its last. `volatility` is the sample standard
    deviation of the daily log returns times √252, percent a year. What moved over a silence of more than
    two weeks is in `change` and in no daily figure. `percentile` is the share of the other closes that are
    below the newest (equal ones count half): 0 the lowest of the window, 100 the highest. Support is the
    highest swing low at or under the newest close, resistance the lowest swing high at or above it.
    """

    newest: float
    average: float
    lowest: Dated
    highest: Dated
    change: float
    change_percent: float
    mean_return_percent: float | None
    best_day: Dated | None
    worst_day: Dated | None
    volatility: float | None
    trend: Trend
    support: Dated | None
    resistance: Dated | None
    percentile: float | None
    drawdown: Drawdown
    months: list[Month]


def analyse(days: Sequence[date], prices: Floats, *, before: Dated | None = None) -> Analysis:
    """The statistics of a window, oldest first. `before`: the close ahead of it, for the first month.

    Raises: ValueError for no closes.
    """
    if len(prices) == 0:
        raise ValueError("no closes, no statistics")
    prices = settled(prices)
    returns = log_returns(days, prices)
    ends = [later for earlier, later in pairwise(days) if later - earlier <= LOOK_BACK]
    low, high = int(prices.argmin()), int(prices.argmax())
    newest = float(prices[-1])
    moved = 100 * np.expm1(returns)
    return Analysis(
        newest=newest,
        average=float(prices.mean()),
        lowest=Dated(days[low], float(prices[low])),
        highest=Dated(days[high], float(prices[high])),
        change=newest - float(prices[0]),
        change_percent=100 * (newest / float(prices[0]) - 1),
        mean_return_percent=100 * float(returns.mean()) if len(returns) else None,
        best_day=_extreme(ends, moved, int(moved.argmax())) if len(moved) else None,
        worst_day=_extreme(ends, moved, int(moved.argmin())) if len(moved) else None,
        volatility=volatility(returns),
        trend=trend(prices.tolist()),
        support=max(
            (low for low in swings(days, prices) if low.value <= newest),
            key=lambda low: low.value,
            default=None,
        ),
        resistance=min(
            (high for high in swings(days, prices, highs=True) if high.value >= newest),
            key=lambda high: high.value,
            default=None,
        ),
        percentile=percentile(prices),
        drawdown=drawdown(days, prices),
        months=months(days, prices, before=before),
    )


def settled(prices: Floats) -> Floats:
    """The prices; where their rounding alone moved them, the newest of them for all. At least one."""
    return np.full_like(prices, prices[-1]) if np.ptp(prices) < STILL * prices[-1] else prices


def log_returns(days: Sequence[date], prices: Floats) -> Floats:
    """ln(close / close before), but for closes that follow a silence of more than two weeks.

    The ECB told no króna from December 2008 to January 2018: that is no day's return.
    """
    follows = np.array([later - earlier <= LOOK_BACK for earlier, later in pairwise(days)], dtype=bool)
    returns: Floats = np.diff(np.log(prices))[follows]
    return returns


def volatility(returns: Floats) -> float | None:
    """Percent a year: sample standard deviation of daily log returns times √252; None for fewer than two."""
    return 100 * math.sqrt(YEAR) * float(returns.std(ddof=1)) if len(returns) > 1 else None


def percentile(prices: Floats) -> float | None:
    """Where the newest close stands among the others, 0 to 100; None where there are no others."""
    others, newest = prices[:-1], prices[-1]
    if len(others) == 0:
        return None
    below, equal = np.count_nonzero(others < newest), np.count_nonzero(others == newest)
    return 100 * float(below + equal / 2) / len(others)


def drawdown(days: Sequence[date], prices: Floats) -> Drawdown:
    """The deepest fall from a high so far; where nothing ever fell, 0 on the first day."""
    highs = np.maximum.accumulate(prices)
    falls = prices / highs - 1
    trough = int(falls.argmin())
    peak = int(prices[: trough + 1].argmax())
    return Drawdown(100 * float(falls[trough]), days[peak], days[trough])


def swings(days: Sequence[date], prices: Floats, *, highs: bool = False) -> list[Dated]:
    """Closes that none of the `SWING` on either side is under (above), oldest first.

    Of equal neighbours each is one; the first and last days of a window have no two sides yet.
    """
    width = 2 * SWING + 1
    if len(prices) < width:
        return []
    around = np.lib.stride_tricks.sliding_window_view(prices, width)
    middle = prices[SWING:-SWING]
    turning = middle == (around.max(axis=1) if highs else around.min(axis=1))
    return [Dated(days[SWING + at], float(middle[at])) for at in np.flatnonzero(turning).tolist()]


def months(days: Sequence[date], prices: Floats, *, before: Dated | None) -> list[Month]:
    """The calendar months of the window, oldest first; the first is compared with `before`."""
    told = []
    starts = 0
    newest = before
    for (year, month), of_month in groupby(days, key=lambda day: (day.year, day.month)):
        ends = starts + len(list(of_month))
        closes = prices[starts:ends]
        told.append(
            Month(
                month=f"{year}-{month:02}",
                average=float(closes.mean()),
                min=float(closes.min()),
                max=float(closes.max()),
                change_percent=100 * (float(closes[-1]) / newest.value - 1)
                if newest and days[starts] - newest.day <= LOOK_BACK
                else None,
                volatility=volatility(log_returns(days[starts:ends], closes)),
                trading_days=len(closes),
            )
        )
        starts, newest = ends, Dated(days[ends - 1], float(closes[-1]))
    return told


def _extreme(days: Sequence[date], moved: Floats, at: int) -> Dated:
    return Dated(days[at], float(moved[at]))
