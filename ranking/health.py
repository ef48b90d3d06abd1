"""Are the rankings well? For the health page."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from ranking.stores import store
from ranking.window import PERIODS

EVERY = timedelta(minutes=5)
#: Three ticks of the schedule: one may be late, and one may fail.
_OLD = timedelta(minutes=15)


def summary(now: datetime) -> dict[str, Any]:
    """`status`, `last_run` (of the oldest snapshot in force) and `next_run`, UTC.

    Where tasks run in process nothing is scheduled: a ranking is computed when it is asked for.
    Raises: StoreUnavailable.
    """
    kept = store().documents(PERIODS)
    instants = [datetime.fromisoformat(document.body["calculated_at"]) for document in kept.values()]
    last_run = min(instants, default=None)
    if not settings.CELERY_BROKER_URL:
        return {"status": "healthy", "last_run": last_run, "next_run": None}
    is_old = len(instants) < len(PERIODS) or last_run is None or now - last_run > _OLD
    return {
        "status": "degraded" if is_old else "healthy",
        "last_run": last_run,
        "next_run": None if last_run is None else last_run + EVERY,
    }


def ping() -> None:
    """Raises: StoreUnavailable."""
    store().ping()
