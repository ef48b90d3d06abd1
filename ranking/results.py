"""The ranking in force, as readers get it: from the cache, else from the store, else computed."""

from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from config.cache import generation, shared
from ranking.recalculation import Overtaken, recalculate
from ranking.stores import store
from ranking.window import seoul_day, window_of

_KEEP = 3600.0

log = structlog.get_logger(__name__)


def ranking(period: str, *, now: datetime) -> dict[str, Any]:
    """The snapshot of `period` whose window ends today in Seoul; see `recalculation` for its parts.

    Where nobody has computed today's yet it is computed here. If that fails, the last good one is
    told, with the window it is of.
    Raises: StoreUnavailable when there is none at all; ValueError for an unknown period.
    """
    today = window_of(period, seoul_day(now)).told()
    # Under the number that was in force before the store was read: what is written after moves it on.
    key = f"ranking:{period}:{generation.current('rankings')}"
    cached: dict[str, Any] | None = shared.get(key)
    if cached is not None and cached["window"] == today:
        return cached
    kept = store().documents([period]).get(period)
    if kept is not None and kept.body["window"] == today:
        shared.put(key, kept.body, _KEEP)
        return kept.body
    try:
        # Who is overtaken finds what the others have written.
        with suppress(Overtaken):
            recalculate(now=now, periods=[period])
        return store().documents([period])[period].body
    except Exception as exc:
        if kept is None:
            raise
        log.error("ranking_not_calculated", period=period, error=type(exc).__name__)
        return kept.body
