"""The ranking in force, as readers get it: from the cache, else from the store, else computed."""

import time
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from config.cache import generation, shared
from ranking.announcing import MISSED
from ranking.recalculation import Overtaken, recalculate
from ranking.stores import store
from ranking.window import seoul_day, window_of

#: Seconds for which a snapshot is told without asking the store whether there is a newer one. As a
#: rule the generation tells sooner; but its move may be lost, with a worker or with the cache.
_FRESH = 5.0
#: Seconds for which the last good one stands in for a store that is out.
_KEEP = 24 * 3600.0

log = structlog.get_logger(__name__)


def ranking(period: str, *, now: datetime) -> dict[str, Any]:
    """The snapshot of `period` whose window ends today in Seoul; see `recalculation` for its parts.

    Where nobody has computed today's yet it is computed here. If that fails, or the store is out,
    the last good one is told, with the window it is of.
    Raises: StoreUnavailable when there is none at all; ValueError for an unknown period.
    """
    today = window_of(period, seoul_day(now)).told()
    # Under the number that was in force before the store was read: what is written after moves it on.
    key, last = f"ranking:{period}:{generation.current('rankings')}", f"ranking:{period}:last"
    cached: dict[str, Any] | None = shared.get(key)
    if cached is not None and cached["until"] > time.time() and cached["body"]["window"] == today:
        return _body(cached)
    try:
        body = _kept(period, today, now)
    except Exception as exc:
        if (past := shared.get(last)) is None:
            raise
        log.error("last_ranking_told", period=period, error=type(exc).__name__)
        body = _body(past)
    else:
        shared.put(last, {"body": body}, _KEEP)
    shared.put(key, {"until": time.time() + _FRESH, "body": body}, _FRESH)
    return body


def _kept(period: str, today: dict[str, str], now: datetime) -> dict[str, Any]:
    kept = store().documents([period]).get(period)
    if kept is not None and kept.body["window"] == today and shared.get(MISSED) is None:
        return kept.body
    try:
        # Who is overtaken finds what the others have written.
        with suppress(Overtaken):
            recalculate(now=now)
        shared.release(MISSED)
        return store().documents([period])[period].body
    except Exception as exc:
        if kept is None:
            raise
        log.error("ranking_not_calculated", period=period, error=type(exc).__name__)
        return kept.body


def _body(cached: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = cached["body"]
    return body
