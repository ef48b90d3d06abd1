"""Does the schedule run? Once a minute beat sends a heartbeat through the queue, and a worker takes it down.

So one instant tells of beat, of the queue, and of the workers. It is kept in the database: a cache
that is emptied would tell of a silence that never was.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models

EVERY = timedelta(minutes=1)
#: The longest tasks take five minutes, and a heartbeat waits behind them like everybody else.
SILENT = timedelta(minutes=7)
#: There is one row.
_ONE = 1


class Heartbeat(models.Model):
    """The newest heartbeat that has come all the way."""

    sent_at = models.DateTimeField()

    class Meta:
        db_table = "heartbeats"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.sent_at}"


def take_down(sent_at: datetime) -> None:
    """A heartbeat has come that beat sent at `sent_at`, UTC. The newest stays, in whatever order they come."""
    row, is_first = Heartbeat.objects.get_or_create(pk=_ONE, defaults={"sent_at": sent_at})
    if not is_first and row.sent_at < sent_at:
        Heartbeat.objects.filter(pk=_ONE, sent_at__lt=sent_at).update(sent_at=sent_at)


def newest() -> datetime | None:
    """When the newest heartbeat that has come was sent, UTC; None where none ever has."""
    return Heartbeat.objects.filter(pk=_ONE).values_list("sent_at", flat=True).first()


def age(now: datetime) -> timedelta | None:
    """How old the newest heartbeat is; None where none has ever come."""
    sent_at = newest()
    return None if sent_at is None else now - sent_at


def summary(now: datetime) -> dict[str, Any]:
    """For /health: `status`, `last_run` (the newest heartbeat) and `next_run`, UTC. One query.

    An installation without a queue, or that no beat has ever been part of, misses none.
    """
    sent_at = newest() if settings.CELERY_BROKER_URL else None
    if sent_at is None:
        return {"status": "not_configured", "last_run": None, "next_run": None}
    status = "healthy" if now - sent_at < SILENT else "degraded"
    return {"status": status, "last_run": sent_at, "next_run": sent_at + EVERY}
