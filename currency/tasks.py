"""Celery's entry points; each may run twice, or twice at once, and changes nothing more."""

from datetime import UTC, datetime

from django.db import connections

from config.celery import app
from currency import partitions


@app.task(name="currency.prepare_partitions", soft_time_limit=50, time_limit=60)
def prepare_partitions() -> None:
    """The coming months of the observations. Drops nothing: that takes a person's word."""
    partitions.keep_up(connections["default"], today=datetime.now(UTC).date())
