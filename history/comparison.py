"""Currencies beside each other: who gained, who swung, who moves with whom."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from currency.schedule import LOOK_BACK
from history.analysis import STILL, YEAR, log_returns, settled, volatility
from history.closes import Closes

Floats = NDArray[np.float64]

#: Common returns below which a correlation says nothing.
_LEAST = 3
#: Decimals to which percents are compared: `STILL`.
_PLACES = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """One currency's window. `rank` is its place by change, equal ones sharing one: 1, 2, 2, 4; None for
    a window that ends more than two weeks before the others (a currency nobody publishes any more). Changes are equal, and so are volatilities,
    that the rounding of stored rates alone tells apart.

    `sharpe_ratio` is the mean of the daily log returns over their sample standard deviation, times
    √252, with a risk-free rate of 0; None where nothing moved.
    """

    code: str
    source: str
    newest: float
    change_percent: float
    volatility: float | None
    sharpe_ratio: float | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`correlations` of each pair once, in the order asked; the four names are None where nobody stands out."""

    compared: list[Compared]
    correlations: dict[tuple[str, str], float | None]
    best: str | None
    worst: str | None
    most_volatile: str | None
    least_volatile: str | None


def compare(found: Mapping[str, Closes]) -> Comparison:
    """Compare windows that have at least one close each."""
    windows = {code: _settled(closes) for code, closes in found.items()}
    returns = {code: log_returns(*window) for code, window in windows.items()}
    changes = {code: 100 * (float(prices[-1] / prices[0]) - 1) for code, (_, prices) in windows.items()}
    end = max(days[-1] for days, _ in windows.values())
    placed = {
        code: round(change, _PLACES)
        for code, change in changes.items()
        if end - windows[code][0][-1] <= LOOK_BACK
    }
    compared = [
        Compared(
            code=code,
            source=found[code].source,
            newest=float(prices[-1]),
            change_percent=changes[code],
            volatility=volatility(returns[code]),
            sharpe_ratio=sharpe_ratio(returns[code]),
            rank=1 + sum(other > placed[code] for other in placed.values()) if code in placed else None,
        )
        for code, (_, prices) in windows.items()
    ]
    swings = {
        one.code: round(one.volatility, _PLACES)
        for one in compared
        if one.code in placed and one.volatility is not None
    }
    return Comparison(
        compared=compared,
        correlations={
            (one, other): correlation(found[one], found[other]) for one, other in combinations(found, 2)
        },
        best=_first(placed, highest=True),
        worst=_first(placed, highest=False),
        most_volatile=_first(swings, highest=True),
        least_volatile=_first(swings, highest=False),
    )


def sharpe_ratio(returns: Floats) -> float | None:
    """Annualised, risk-free 0; None for fewer than two returns or for returns that are all the same."""
    if len(returns) < 2 or np.ptp(returns) < STILL:
        return None
    return math.sqrt(YEAR) * float(returns.mean() / returns.std(ddof=1))


def correlation(one: Closes, other: Closes) -> float | None:
    """Pearson's, of the log returns between the days that both windows have.

    None for fewer than three returns, for a price that never moved, and for windows of two providers:
    they fix at different times of a day, so their days are not the same days.
    """
    if one.source != other.source:
        return None
    days, one_prices, other_prices = _on_common_days(one, other)
    one_returns, other_returns = log_returns(days, one_prices), log_returns(days, other_prices)
    if len(one_returns) < _LEAST or min(np.ptp(one_returns), np.ptp(other_returns)) < STILL:
        return None
    return float(np.corrcoef(one_returns, other_returns)[0, 1])


def _settled(closes: Closes) -> tuple[list[date], Floats]:
    days, prices = closes.window()
    return days, settled(prices)


def _on_common_days(one: Closes, other: Closes) -> tuple[list[date], Floats, Floats]:
    (one_days, one_prices), (other_days, other_prices) = one.window(), other.window()
    if one_days == other_days:  # as nearly always
        return one_days, one_prices, other_prices
    common = set(one_days) & set(other_days)
    return (
        sorted(common),
        one_prices[[day in common for day in one_days]],
        other_prices[[day in common for day in other_days]],
    )


def _first(figures: Mapping[str, float], *, highest: bool) -> str | None:
    """Whose figure is the highest (lowest) of all; None where there are no two different ones."""
    if len(set(figures.values())) < 2:
        return None
    return (max if highest else min)(figures, key=lambda code: figures[code])
