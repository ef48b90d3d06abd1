"""The log row of one run: opened when it starts, so that a killed process leaves a trace."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connections, models

from ingestor.models import CollectionLog, Outcome, Trigger
from ingestor.result import Counts

#: Different reasons kept in a row; a broken history could have one for every currency and day.
REASONS = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that is open; once it is closed, nothing here changes it."""

    row: CollectionLog

    @classmethod
    def opened(cls, key: str, *, correlation_id: str, trigger: Trigger, now: datetime) -> "Entry":
        row = CollectionLog.objects.create(
            provider=key, correlation_id=correlation_id, trigger=trigger, started_at=now
        )
        return cls(row)

    def note_payload(self, url: str, archive_key: str) -> None:
        self.row.payloads = [*self.row.payloads, {"url": url, "archive_key": archive_key}]
        self.row.save(update_fields=["payloads"])

    def count(self, counts: Counts) -> None:
        self._open().update(
            new_count=counts.new,
            same_count=counts.same,
            revised_count=counts.revised,
            quarantined_count=counts.quarantined,
            rejected_count=counts.rejected,
            rejected_reasons=dict(counts.reasons.most_common(REASONS)),
        )

    def close(self, outcome: Outcome, error: str, now: datetime) -> None:
        """A second call changes nothing."""
        ended_at = max(now, self.row.started_at)
        self._open().update(
            outcome=outcome,
            error=error,
            ended_at=ended_at,
            duration_ms=round((ended_at - self.row.started_at).total_seconds() * 1000),
        )

    def close_over_a_good_connection(self, outcome: Outcome, error: str, now: datetime) -> None:
        """What broke the run may have been the connection: the row is closed over a new one."""
        connection = connections["default"]
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        self.close(outcome, error, now)

    def _open(self) -> "models.QuerySet[CollectionLog]":
        return CollectionLog.objects.filter(pk=self.row.pk, outcome=Outcome.RUNNING)


def close_interrupted(key: str, now: datetime) -> None:
    """Rows whose process was killed. Call with the lease held: then nobody is running them."""
    for row in CollectionLog.objects.filter(provider=key, outcome=Outcome.RUNNING):
        Entry(row).close(Outcome.FAILURE, "interrupted", now)
