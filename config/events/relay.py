"""The relay: what waits in the outboxes goes to Kafka, by one process at a time.

Oldest first: read, published, forgotten, each a step of its own, so that whatever stops in between is
done again. An event reaches Kafka at least once, twice with the same id; the first of each come in the
order of their key. When Kafka is away the events wait.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from config import lease
from config.cache import shared
from config.events.event import Event
from config.events.outbox import Entry, Outbox, outboxes, set_aside

if TYPE_CHECKING:
    from config.events.kafka import Line

#: Events of a batch; and seconds in which a run begins another.
BATCH, BUDGET = 500, 25.0
#: Longer than a batch takes: two time-outs of Kafka's (config/events/kafka.py), and its reads and writes.
LIFE = timedelta(seconds=60)
#: Seconds in which what changes is gathered before the relay is asked for, and how much later it comes.
_GATHER, _MARGIN = 2, 1
#: Seconds for which nobody but the schedule tries again after Kafka has failed.
_REST = 55.0
_NUDGED, _RESTING = "events:nudged", "events:resting"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Relayed:
    """What a run has done. `is_complete`: nothing waited at its end."""

    published: int = 0
    refused: int = 0
    is_complete: bool = False


def run(*, now: datetime) -> Relayed | None:
    """Relay what waits, for half a minute or so; None where another process is at it, or there is no Kafka.

    Raises: django.db.Error; what a store raises. What Kafka raises is its affair, and logged.
    """
    if not settings.KAFKA_BOOTSTRAP_SERVERS:
        return None
    from config.events import kafka  # librdkafka is where workers are

    held = lease.take("events", life=LIFE, now=now)
    if held is None:
        return None
    done = Relayed()
    until = time.monotonic() + BUDGET
    try:
        with closing(kafka.Line()) as line:
            # Each of them: what is stuck in one (its topic is not there) does not hold up another.
            emptied = [_emptied(outbox, line, held, done, until) for outbox in outboxes()]
        done.is_complete = all(emptied)
    except lease.LeaseLost:
        log.warning("events_relayed_by_another")
    finally:
        held.give_back()
    if done.published or done.refused:
        log.info("events_relayed", published=done.published, refused=done.refused)
    return done


def nudge() -> None:
    """Have the relay run soon, for what was just committed. For workers: it may ask the broker. Never raises.

    One message for all of a few seconds; the schedule's run each minute picks up what got none.
    """
    from config.celery import QueueUnavailable, enqueue

    if not (settings.KAFKA_BOOTSTRAP_SERVERS and settings.CELERY_BROKER_URL):
        return
    if shared.get(_RESTING) is not None or not shared.claim(_NUDGED, _GATHER):
        return
    try:
        enqueue("config.relay_events", {}, delay=_GATHER + _MARGIN)
    except QueueUnavailable as exc:
        log.warning("relay_not_nudged", error=str(exc))


def _emptied(outbox: Outbox, line: "Line", held: lease.Held, done: Relayed, until: float) -> bool:
    """Whether everything that waited in it was told, or set aside."""
    while time.monotonic() < until:
        # Before the read: whoever took over in between has not published anything behind our back.
        held.renew(datetime.now(UTC))
        batch = outbox.oldest(BATCH)
        if not batch:
            return True
        if not _published(outbox, batch, line, done, until):
            return False
    return False


def _published(outbox: Outbox, batch: list[Entry], line: "Line", done: Relayed, until: float) -> bool:
    """Whether the whole batch is settled."""
    answers = line.publish([entry.event for entry in batch], go_on=lambda: time.monotonic() < until)
    for entry in batch:
        if (reason := answers.refused.get(entry.event.id)) is not None:
            _refuse(entry.event, reason)
    outbox.forget([entry for entry in batch if answers.has_settled(entry.event)])
    done.published += len(answers.taken)
    done.refused += len(answers.refused)
    left = len(batch) - len(answers.taken) - len(answers.refused)
    if answers.trouble:
        shared.put(_RESTING, 1, _REST)
        log.warning("events_wait", left=left, error=answers.trouble)
    return not left


def _refuse(event: Event, reason: str) -> None:
    set_aside(event, reason, now=datetime.now(UTC))
    log.error("event_refused", event_id=event.id, type=event.type, about=event.key, reason=reason)
