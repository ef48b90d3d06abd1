"""What a rate may be on the next trading days: as it is now, inside a band that widens.

A random walk without drift in the logarithm of the price, its variance an exponentially weighted mean of
past squared returns. Why this one, and how well its bands have held: docs/methods/forecast.en.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, islice, pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from currency.schedule import LOOK_BACK, publishes_on

Floats = NDArray[np.float64]

#: Forecasts that a change of the figures below would make others have another name.
METHOD = "random_walk_ewma/1"
#: Share of outcomes that a band is meant to hold.
CONFIDENCE = 0.8
#: What a squared return weighs a trading day later. RiskMetrics' value for daily returns (J.P. Morgan,
#: RiskMetrics Technical Document, 4th ed., 1996), of no currency's own choosing.
DECAY = 0.94
#: Closes without which nothing is said: after 59 returns all but 3 % (0.94⁵⁹) of the weights are in.
LEAST = 60
#: Trading days.
LONGEST = 30

_QUANTILE = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


@dataclass(frozen=True, slots=True)
class Band:
    """Where the rate of `day` is to be expected, in prices: the forecast itself, and its two bounds.

    `predicted` is the median; 0 < lower ≤ predicted ≤ upper.
    """

    day: date
    predicted: float
    lower: float
    upper: float


def forecast(days: Sequence[date], prices: Floats, *, calendar: str, count: int) -> list[Band]:
    """The bands of the `count` trading days that follow the newest close; days and prices oldest first.

    A rate that has never moved has bands without width: nothing in it tells when a peg breaks.
    Raises: ValueError for fewer than `LEAST` closes.
    """
    if len(prices) < LEAST:
        raise ValueError(f"{len(prices)} closes are too few: {LEAST} are needed")
    newest, variance = prices[-1:], variances(prices)[-1:]
    bands = []
    for horizon, day in enumerate(islice(trading_days(calendar, days[-1]), count), start=1):
        lower, upper = band(newest, variance, horizon)
        bands.append(Band(day, float(newest[0]), float(lower[0]), float(upper[0])))
    return bands


def band(prices: Floats, variances: Floats, horizon: int) -> tuple[Floats, Floats]:
    """Lower and upper bound `horizon` trading days after each price, given its variance of a day."""
    half = _QUANTILE * np.sqrt(variances * horizon)
    return prices * np.exp(-half), prices * np.exp(half)


def variances(prices: Floats) -> Floats:
    """The variance of a daily log return as known at each close but the first, from that close and those before.

    Σ λⁱ r² / Σ λⁱ over all returns so far, the newest with i = 0: weights that add up to one from the
    start, so that no seed has to be chosen.
    """
    squares: list[float] = (np.diff(np.log(prices)) ** 2).tolist()
    sums = list(accumulate(squares, lambda total, square: DECAY * total + square))
    weights = (1 - DECAY ** np.arange(1, len(squares) + 1)) / (1 - DECAY)
    return np.array(sums, dtype=np.float64) / weights


def unbroken(days: list[date], prices: Floats) -> tuple[list[date], Floats]:
    """The closes since the last silence of more than two weeks; what moved over years is no daily return.

    (The ECB told no króna from December 2008 to January 2018.)
    """
    breaks = [n for n, (earlier, later) in enumerate(pairwise(days), start=1) if later - earlier > LOOK_BACK]
    start = breaks[-1] if breaks else 0
    return days[start:], prices[start:]


def trading_days(calendar: str, after: date) -> Iterator[date]:
    """Days after `after` on which the provider's calendar has a rate, without end."""
    day = after
    while True:
        day += timedelta(days=1)
        if publishes_on(calendar, day):
            yield day
