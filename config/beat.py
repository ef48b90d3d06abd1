"""Beat: what is due is sent, each tick once, however many beats there are.

There may be two for a while: a node that was cut off lives on while its successor starts elsewhere.
Whoever is about to send a tick marks the tick's row first, on the condition that the row is still as
it was read, so the database gives each tick to one of them. Nobody has to be elected, no lease has to
expire before somebody else goes on, and no two clocks have to agree. A tick whose sender dies between
the mark and the message is lost; the next one makes up for it.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import structlog
from celery import signals
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet
from django_celery_beat.schedulers import DatabaseScheduler

from config import pulse
from config.celery import app

log = structlog.get_logger(__name__)


class Scheduler(DatabaseScheduler):
    """Named in CELERY_BEAT_SCHEDULER."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send one task that is due. Seconds until the next call; never raises for a database that is away."""
        try:
            seconds: float = super().tick(*args, **kwargs)
        except (DatabaseError, InterfaceError) as exc:
            log.warning("beat_waits_for_its_database", error=f"{type(exc).__name__}: {exc}")
            # After a failover the old writer answers every ping, and refuses every mark.
            connection.close()
            self._heap = None  # what was due and could not be marked is due again
            seconds = self.max_interval
        pulse.expect_by(pulse.IDLE, "beat")
        return seconds

    def reserve(self, entry: Any) -> Any:
        """The entry after its present tick, which is ours to send if its row was ours to mark."""
        row = self.Model.objects.filter(pk=entry.model.pk)
        here = {"last_run_at": datetime.now(UTC), "total_run_count": entry.total_run_count + 1}
        self._is_ours = bool(row.filter(total_run_count=entry.total_run_count).update(**here))
        following = super().reserve(entry)
        # The row is written already. Written again minutes later it would undo another beat's marks.
        self._dirty.discard(entry.name)
        # Of a row that is gone the schedule will be told.
        marked_by_another = None if self._is_ours else row.first()
        return following if marked_by_another is None else self.Entry(marked_by_another, app=self.app)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send the tick that `reserve` has marked."""
        if not self._is_ours:
            log.info("beat_is_not_alone", schedule=entry.name)
            return
        # Celery tells a task nothing of when its message was sent.
        entry.options["headers"]["sent_at"] = datetime.now(UTC).isoformat()
        super().apply_entry(entry, producer=producer)


@signals.beat_init.connect
def _born(**_: Any) -> None:
    pulse.begin("beat")


def do_what_is_due(*, without: Collection[str]) -> None:
    """One look at the schedule, for an installation without beat and broker: what is due is done here.

    One after the other, and each tick once, as with beats. `without`: names of tasks that somebody else
    does. A task that fails is logged, and the next one follows.
    """

    class Here(Scheduler):
        producer = None  # there is no broker to connect to

        def enabled_models_qs(self) -> QuerySet[Any]:
            due: QuerySet[Any] = super().enabled_models_qs().exclude(task__in=without)
            return due

    app.loader.import_default_modules()  # as a worker does: each app's tasks
    pulse.begin("beat")
    schedule = Here(app=app)
    while not schedule.tick():
        pass
