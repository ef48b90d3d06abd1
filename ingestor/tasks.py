"""Celery's entry points; each may run twice, or twice at once, and stores nothing twice."""

from datetime import UTC, date, datetime

from config.celery import app
from config.events import relay
from ingestor import backfill as backfills
from ingestor import due, health, run
from ingestor.models import Trigger


@app.task(name="ingestor.collect", soft_time_limit=270, time_limit=300)
def collect(provider: str) -> None:
    """The newest figures of one provider, when there may be any; the next tick repeats a failed run."""
    due.collect_if_due(provider, now=datetime.now(UTC))
    relay.nudge()


@app.task(name="ingestor.collect_now", soft_time_limit=270, time_limit=300)
def collect_now(provider: str) -> None:
    """The newest figures of one source, because an operator asked; how it ended is in the collection log."""
    run.collect(provider, trigger=Trigger.OPERATOR, now=datetime.now(UTC))
    relay.nudge()


@app.task(name="ingestor.backfill", soft_time_limit=270, time_limit=300)
def backfill(backfill: str, at: str) -> None:
    """The part of a backfill that begins on the day `at`, and a message for the next one."""
    backfills.carry_on(int(backfill), at=date.fromisoformat(at), now=datetime.now(UTC))
    relay.nudge()


@app.task(name="ingestor.check_freshness", soft_time_limit=20, time_limit=30)
def check_freshness() -> None:
    """Raise an alert for every publication that did not arrive."""
    health.tell_overdue(datetime.now(UTC))
