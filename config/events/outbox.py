"""Where events wait for Kafka: in the database, beside what they tell of, and in stores of other kinds.

An event is written by the transaction that makes the change, so that there is never one without the
other; the relay takes it from there. Without Kafka (KAFKA_BOOTSTRAP_SERVERS) nothing is written.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from config.events.event import Event
from config.events.tables import RefusedEvent, WaitingEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and where it waits: `place` means something to its outbox alone."""

    event: Event
    place: Any


@dataclass(frozen=True, slots=True)
class Tally:
    """How many wait, and since when the oldest does (UTC; None when none wait)."""

    count: int = 0
    oldest: datetime | None = None


class Outbox(Protocol):
    """Events of one store. Methods raise what the store raises."""

    def oldest(self, most: int) -> list[Entry]:
        """At most about `most` events: none of them before an earlier one of its key."""
        ...

    def forget(self, entries: Sequence[Entry]) -> None:
        """They are told, or set aside. Safe to repeat."""
        ...

    def tally(self) -> Tally:
        """What waits. Cheap while little does."""
        ...


def told(events: Iterable[Event]) -> list[Event]:
    """The events that somebody is to be told of: all of them, or none. Then they are not even made."""
    return list(events) if settings.KAFKA_BOOTSTRAP_SERVERS else []


def record(events: Iterable[Event]) -> None:
    """Note events down, in the caller's transaction. One query for all of them."""
    if rows := [WaitingEvent(**_columns(one)) for one in told(events)]:
        WaitingEvent.objects.bulk_create(rows)


def outboxes() -> Iterator[Outbox]:
    """Every place of this installation where events wait (EVENT_OUTBOXES)."""
    yield Rows()
    for name in settings.EVENT_OUTBOXES:
        if (found := import_string(name)()) is not None:
            yield found


class Rows:
    """Those in the database. An id may be committed after a later one: nothing relies on having seen all
    below an id, but what waits for the same row (a ranking, a fixing) is in its order."""

    def oldest(self, most: int) -> list[Entry]:
        rows = WaitingEvent.objects.order_by("pk")[:most]
        return [Entry(_event(row), row.pk) for row in rows]

    def forget(self, entries: Sequence[Entry]) -> None:
        WaitingEvent.objects.filter(pk__in=[entry.place for entry in entries]).delete()

    def tally(self) -> Tally:
        # The oldest by the primary key: the smallest of all instants would be looked for in every row.
        oldest = WaitingEvent.objects.order_by("pk").values_list("occurred_at", flat=True).first()
        return Tally(WaitingEvent.objects.count(), oldest)


# --- how many wait --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """What Kafka does not have yet: how many, since how long, and how many it will never take as they are."""

    count: int
    age: timedelta
    refused: int


def waiting(now: datetime) -> Waiting:
    """Nothing where the stream is off and always was. Raises: django.db.Error; what a store raises."""
    tallies = [outbox.tally() for outbox in outboxes()]
    oldest = min((one.oldest for one in tallies if one.oldest is not None), default=now)
    return Waiting(
        sum(one.count for one in tallies), max(timedelta(), now - oldest), RefusedEvent.objects.count()
    )


# --- set aside ------------------------------------------------------------------------------------


def set_aside(event: Event, reason: str, *, now: datetime) -> None:
    """Keep an event that Kafka will never take, with the reason. Safe to repeat."""
    values = {**_columns(event), "reason": reason[:200], "refused_at": now}
    del values["event_id"]
    RefusedEvent.objects.get_or_create(event_id=event.id, defaults=values)


def send_again(refused: RefusedEvent) -> None:
    """Behind everything that waits now, in the caller's transaction."""
    WaitingEvent.objects.create(**_columns(_event(refused)))
    refused.delete()


def _columns(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "type": event.type,
        "schema_version": event.schema_version,
        "key": event.key,
        "occurred_at": event.occurred_at,
        "body": event.body,
    }


def _event(row: WaitingEvent | RefusedEvent) -> Event:
    return Event(
        id=row.event_id,
        type=row.type,
        schema_version=row.schema_version,
        key=row.key,
        occurred_at=row.occurred_at,
        body=row.body,
    )
