"""Technical indicators of closing prices, by TA-Lib.

Arrays as long as the closes, NaN while an indicator warms up. Definitions are those of their authors:
averages over the last n closes; exponential ones with α = 2 / (n + 1), beginning with the plain average
of the first n; RSI by Wilder's smoothing (α = 1 / n); MACD as the 12-day less the 26-day exponential
average, its signal the 9-day one of that; Bollinger's bands two population deviations around the
20-day average.
"""

from dataclasses import dataclass, fields

import numpy as np
import talib
from numpy.typing import NDArray

from history.analysis import STILL, settled

Floats = NDArray[np.float64]

#: Closes from which indicators are told: whatever the exponential ones began with weighs nothing by then
#: ((1 - 1/14)⁴⁸⁶ < 10⁻¹⁵), so that a longer past tells the same.
PAST = 500


@dataclass(frozen=True, slots=True)
class Indicators:
    """In the money of the closes, but for `rsi`, which runs from 0 to 100."""

    sma_20: Floats
    sma_50: Floats
    ema_20: Floats
    rsi: Floats
    macd: Floats
    macd_signal: Floats
    macd_histogram: Floats
    bollinger_upper: Floats
    bollinger_middle: Floats
    bollinger_lower: Floats


def indicators(closes: Floats) -> Indicators:
    """The indicators at every close, oldest first; at least one close."""
    # TA-Lib takes what is smaller than 1e-14 for nothing, and the variance of 0.00003 can be.
    unit = float(closes[-1])
    prices = np.ascontiguousarray(closes / unit)
    macd, signal, histogram = talib.MACD(prices, fastperiod=12, slowperiod=26, signalperiod=9)
    upper, middle, lower = talib.BBANDS(prices, timeperiod=20, nbdevup=2, nbdevdn=2)
    return Indicators(
        sma_20=talib.SMA(prices, 20) * unit,
        sma_50=talib.SMA(prices, 50) * unit,
        ema_20=talib.EMA(prices, 20) * unit,
        rsi=_rsi(prices),
        macd=macd * unit,
        macd_signal=signal * unit,
        macd_histogram=histogram * unit,
        bollinger_upper=upper * unit,
        bollinger_middle=middle * unit,
        bollinger_lower=lower * unit,
    )


def newest(closes: Floats) -> dict[str, float | None]:
    """Each indicator at the newest close, from the last `PAST` closes; None without enough of them."""
    told = indicators(settled(closes[-PAST:]))
    last = {field.name: float(getattr(told, field.name)[-1]) for field in fields(told)}
    return {name: None if np.isnan(value) else value for name, value in last.items()}


def _rsi(prices: Floats) -> Floats:
    """Of a price that has not moved yet there is no strength to tell; TA-Lib would say 0, or what rounding makes."""
    strength: Floats = talib.RSI(prices, 14)
    strength[np.maximum.accumulate(prices) - np.minimum.accumulate(prices) < STILL] = np.nan
    return strength
