"""How long what is being made may be told: something in it may end before its usual life does.

Whoever reads what ends at a known moment says so here, and whoever keeps the answer, or tells a
browser how long to, asks. Neither knows the other.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime


class Limit:
    """The earliest moment, unix seconds, at which a part of what is being made ends."""

    __slots__ = ("ends",)

    def __init__(self) -> None:
        self.ends = float("inf")

    @property
    def is_set(self) -> bool:
        return self.ends != float("inf")

    def within(self, seconds: int) -> int:
        """`seconds`, or as many whole ones as are left; 0 where nothing is."""
        if not self.is_set:
            return seconds
        return max(0, min(seconds, int(self.ends - time.time())))


_making: ContextVar[Limit | None] = ContextVar("making", default=None)


@contextmanager
def watched() -> Iterator[Limit]:
    """What is made inside this block; a block around it is told as well."""
    outer, limit = _making.get(), Limit()
    token = _making.set(limit)
    try:
        yield limit
    finally:
        _making.reset(token)
        if outer is not None:
            outer.ends = min(outer.ends, limit.ends)


def ends_at(moment: datetime | float) -> None:
    """A part of what is being made, if anything is, holds until `moment` (aware, or unix seconds)."""
    if (limit := _making.get()) is not None:
        limit.ends = min(limit.ends, moment if isinstance(moment, float) else moment.timestamp())
