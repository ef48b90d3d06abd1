"""Celery's entry points; each may run twice, or twice at once, and changes nothing more."""

from datetime import UTC, datetime

from config.celery import app
from config.events import relay
from ranking import exclusion, recalculation, retention
from ranking.stores import StoreUnavailable
from ranking.window import PERIODS

_HEALS = {
    "autoretry_for": (StoreUnavailable, recalculation.Overtaken),
    "max_retries": 3,
    # At most 14 s in all: a retry waits inside a worker, and must not outlive the message.
    "retry_backoff": 2,
    "retry_backoff_max": 8,
    "retry_jitter": True,
}


@app.task(name="ranking.recalculate", soft_time_limit=50, time_limit=60, **_HEALS)
def recalculate(period: str | None = None, calculation_id: str = "") -> None:
    """One period's ranking, or all of them."""
    exclusion.keep_up(now=datetime.now(UTC))
    periods = PERIODS if period is None else (period,)
    recalculation.recalculate(now=datetime.now(UTC), periods=periods, calculation_id=calculation_id)
    # For the selections as well, which brought this about: whoever made them asks the broker for no more.
    relay.nudge()


@app.task(name="ranking.expire_selections", soft_time_limit=270, time_limit=300, **_HEALS)
def expire_selections() -> None:
    """Forget selections that have expired; look at the past days' sealed counts once more."""
    retention.retain(now=datetime.now(UTC))
