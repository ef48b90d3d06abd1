"""Fewer days of a long window that still look like all of them.

Largest triangle three buckets (Steinarsson, Downsampling Time Series for Visual Representation, 2013): the
days between the first and the last go into equal buckets, and each bucket keeps the day that makes the
largest triangle with the day kept before it and the middle of the next bucket. Peaks and falls stay.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Points a line is drawn with at most: about as many as a wide screen can tell apart.
MOST = 400


def thin(days: Sequence[date], lines: Floats, *, most: int = MOST) -> list[int]:
    """Places of the days to keep, at most `most` (three or more), the first and the last among them.

    `lines`: one row a line, one column a day. Several lines keep the same days: triangles are added up,
    each line measured by its own range, and a value that is missing counts as its line's lowest.
    """
    if len(days) <= most:
        return list(range(len(days)))
    at = _of_range(np.array([[day.toordinal() for day in days]], dtype=np.float64))[0]
    level = _of_range(lines)
    edges = np.linspace(1, len(days) - 1, most - 1).astype(int).tolist()
    kept = [0]
    for start, end, after in zip(edges, edges[1:], [*edges[2:], len(days)], strict=False):
        before = kept[-1]
        next_at, next_level = at[end:after].mean(), level[:, end:after].mean(axis=1, keepdims=True)
        areas = np.abs(
            (at[before] - next_at) * (level[:, start:end] - level[:, [before]])
            - (at[before] - at[start:end]) * (next_level - level[:, [before]])
        )
        kept.append(start + int(areas.sum(axis=0).argmax()))
    return [*kept, len(days) - 1]


def _of_range(rows: Floats) -> Floats:
    """Each row from 0, its lowest, to 1; a row of one value is all 0."""
    lowest = np.nanmin(rows, axis=1, keepdims=True)
    span = np.nanmax(rows, axis=1, keepdims=True) - lowest
    scaled: Floats = np.nan_to_num((rows - lowest) / np.where(span > 0, span, 1), nan=0.0)
    return scaled
