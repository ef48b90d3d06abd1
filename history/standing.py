"""Where today's price stands in the closes of a year, in words people use of prices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from history.analysis import Dated, percentile, settled

Floats = NDArray[np.float64]
Place = Literal["cheapest", "cheap", "middle", "dear", "dearest"]

#: Upper bounds of each word, percent: a tenth at both ends, a middle third.
_PLACES: tuple[tuple[float, Place], ...] = (
    (10, "cheapest"),
    (100 / 3, "cheap"),
    (200 / 3, "middle"),
    (90, "dear"),
)
#: Closes without which a place says nothing: a month of them.
LEAST = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """`percentile` as in `history.analysis`: the share of the other closes that are below the newest."""

    percentile: float
    place: Place
    lowest: Dated
    highest: Dated
    first: date
    last: date


def standing(days: Sequence[date], prices: Floats) -> Standing | None:
    """Of the newest close among all, oldest first; None for fewer than `LEAST`, and where nothing moved."""
    if len(prices) < LEAST:
        return None
    prices = settled(prices)
    share = percentile(prices)
    if share is None or np.ptp(prices) == 0:
        return None
    low, high = int(prices.argmin()), int(prices.argmax())
    return Standing(
        percentile=share,
        place=place(share),
        lowest=Dated(days[low], float(prices[low])),
        highest=Dated(days[high], float(prices[high])),
        first=days[0],
        last=days[-1],
    )


def place(share: float) -> Place:
    """The word for a percentile: 0 the cheapest, 100 the dearest."""
    return next((word for bound, word in _PLACES if share <= bound), "dearest")
