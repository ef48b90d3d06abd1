"""What is forgotten, and what must not be: selections expire, counts stay and are checked."""

from datetime import date, datetime, timedelta

import structlog

from config.cache import generation
from ranking.stores import SelectionStore, store
from ranking.tally import reseal
from ranking.window import seoul_day

#: Days whose sealed counts are compared once more every time: for a clock that was wrong for a while.
_CHECKED = 7

log = structlog.get_logger(__name__)


def retain(*, now: datetime) -> int:
    """Delete what has expired and correct sealed days; how many rows were deleted.

    Safe to repeat. Raises: StoreUnavailable.
    """
    corrected = _check_seals(store(), seoul_day(now))
    deleted = store().expire(now)
    log.info("selections_retained", deleted=deleted, corrected_days=[str(day) for day in corrected])
    return deleted


def _check_seals(kept: SelectionStore, today: date) -> list[date]:
    days = [today - timedelta(days=number) for number in range(2, 2 + _CHECKED)]
    corrected = [day for day in days if reseal(kept, day)]
    if corrected:
        log.warning("sealed_counts_corrected", days=[str(day) for day in corrected])
        generation.move_on("rankings")
    return corrected
