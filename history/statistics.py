"""What a series of closes was like: its level, its range, how much it moved, and whether it leaned."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Slopes whose t-statistic is below this could be chance.
_SIGNIFICANT = 2.0


@dataclass(frozen=True, slots=True)
class Summary:
    """Prices as given; `volatility` is the sample standard deviation of daily percent changes."""

    average: float
    min: float
    max: float
    volatility: float | None
    trend: str
    data_points: int


def summarise(closes: Sequence[float]) -> Summary:
    """Statistics of closes, oldest first.

    Raises: ValueError for no closes.
    """
    if not closes:
        raise ValueError("no closes, no statistics")
    changes = percent_changes(closes)
    return Summary(
        average=statistics.fmean(closes),
        min=min(closes),
        max=max(closes),
        volatility=statistics.stdev(changes) if len(changes) > 1 else None,
        trend=trend(closes).direction,
        data_points=len(closes),
    )


def percent_changes(closes: Sequence[float]) -> list[float]:
    """Each close against the one before it, percent; one fewer than there are closes."""
    return [100 * (later / earlier - 1) for earlier, later in pairwise(closes)]


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` is in log price a close, `t_statistic` that slope over its standard error.

    None where there are fewer than three closes, or no error to divide by. Closes follow each other
    too closely for the t-statistic to be a test: it describes how straight the way was.
    """

    direction: str
    slope: float | None
    t_statistic: float | None


def trend(closes: Sequence[float]) -> Trend:
    """`upward`, `downward` or `stable`: the least-squares slope of log price over time.

    Logarithms, so that a won of movement means the same for the dong and for the dinar. A slope
    counts only where its t-statistic reaches 2 in size; fewer than three closes have none.
    """
    count = len(closes)
    if count < 3:
        return Trend("stable", None, None)
    logs = [math.log(close) for close in closes]
    middle, level = (count - 1) / 2, statistics.fmean(logs)
    spread = count * (count * count - 1) / 12  # Σ (t - mean of t)² over 0 … n-1
    slope = sum((step - middle) * (log - level) for step, log in enumerate(logs)) / spread
    residual = sum((log - level - slope * (step - middle)) ** 2 for step, log in enumerate(logs))
    error = math.sqrt(residual / (count - 2) / spread)
    t_statistic = slope / error if error else None
    # Without an error the line is perfect, and even its noise in the last digit would look certain.
    if abs(slope) < 1e-12 or (t_statistic is not None and abs(t_statistic) < _SIGNIFICANT):
        return Trend("stable", slope, t_statistic)
    return Trend("upward" if slope > 0 else "downward", slope, t_statistic)
