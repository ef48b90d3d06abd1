"""Rankings computed and kept: one snapshot for each period, replaced as a whole.

The cost follows countries × days. A snapshot is written only over the version that was in force
before its counts were read: of two that run at once the later to write has read the later counts,
or reads them again, so no selection is lost from sight, whatever any clock says.
"""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from random import uniform
from typing import Any

import structlog
from django.conf import settings

from config.api.envelope import instant
from config.cache import generation
from currency import destinations
from ranking import events
from ranking.scoring import METHOD_VERSION, rank, summed
from ranking.selection import DayCounts
from ranking.stores import Document, store
from ranking.tally import scores, tally
from ranking.window import PERIODS, Window, seoul_day, window_of

#: Tries of one calculation, each of which another one has overtaken.
_ATTEMPTS = 10

log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Others wrote newer results all the time; the last of them stands."""


def recalculate(*, now: datetime, periods: Sequence[str] = PERIODS, calculation_id: str = "") -> None:
    """Compute these periods' rankings at `now` and keep them; the last good ones stay until then.

    Safe to repeat and to run anywhere at the same time.
    Raises: StoreUnavailable; django.db.Error; ValueError for an unknown period; Overtaken.
    """
    today = seoul_day(now)
    windows = {period: window_of(period, today) for period in periods}
    calculation_id = calculation_id or uuid.uuid4().hex
    left = list(windows)
    for attempt in range(_ATTEMPTS):
        started = time.perf_counter()
        # First, so that whoever writes after our counts were read makes our write fail.
        kept = store().documents(left)
        if attempt:
            # Who overtook us may have been at it after a midnight that we began before.
            left = [period for period in left if not _is_later(kept.get(period), windows[period])]
        days = {day for period in left for part in _both(windows[period]) for day in part.days()}
        counts = tally(store(), sorted(days), today=today)
        among = destinations.active()
        written = []
        try:
            for period in left:
                snapshot = _snapshot(period, windows[period], counts, among)
                snapshot |= {
                    "calculation_id": calculation_id,
                    "calculated_at": instant(now),
                    "duration_ms": round((time.perf_counter() - started) * 1000, 2),
                }
                version = kept[period].version if period in kept else 0
                telling = events.computed(snapshot, version=version + 1)
                if store().write(period, snapshot, expected=version, telling=telling):
                    written.append(period)
        finally:
            if written:
                generation.move_on("rankings")
        left = [period for period in left if period not in written]
        if not left:
            log.info("rankings_calculated", periods=list(windows), calculation_id=calculation_id)
            return
        time.sleep(uniform(0, 0.05))  # noqa: S311 - so that those who race do not race again
    raise Overtaken(f"{', '.join(left)}: overtaken {_ATTEMPTS} times")


def _is_later(kept: Document | None, window: Window) -> bool:
    return kept is not None and kept.body["window"]["to"] > window.last.isoformat()


def _both(window: Window) -> tuple[Window, Window]:
    return window, window.before()


def _snapshot(
    period: str, window: Window, counts: Mapping[date, DayCounts], among: frozenset[str]
) -> dict[str, Any]:
    now, before = (summed(counts[day] for day in part.days()) for part in _both(window))
    places = rank(scores(now, among), scores(before, among))
    listed = [now[place.country_code] for place in places]
    return {
        "period": period,
        "window": window.told(),
        "previous_window": window.before().told(),
        "method": f"{settings.RANKING_SCORE}/{METHOD_VERSION}",
        "totals": {
            "selections": sum(count.selections for count in listed),
            "visitors": sum(count.visitors for count in listed),
            "score": sum(place.score for place in places),
            "countries": len(places),
        },
        "ranking": [asdict(place) for place in places],
    }
