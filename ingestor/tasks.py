"""Celery's entry points; each may run twice, or twice at once, and stores nothing twice."""

from datetime import UTC, datetime

from config.celery import app
from ingestor import due, health


@app.task(name="ingestor.collect", soft_time_limit=270, time_limit=300)
def collect(provider: str) -> None:
    """The newest figures of one provider, when there may be any; the next tick repeats a failed run."""
    due.collect_if_due(provider, now=datetime.now(UTC))


@app.task(name="ingestor.check_freshness", soft_time_limit=20, time_limit=30)
def check_freshness() -> None:
    """Raise an alert for every publication that did not arrive."""
    health.tell_overdue(datetime.now(UTC))
