"""What waits for Kafka: told once a minute, like the ages that the apps tell."""

from datetime import datetime

from django.conf import settings

from config.events import outbox
from config.observability.measure import Measure, Unit


def measures(now: datetime) -> list[Measure]:
    """How many events wait, for how long the oldest does, and how many Kafka refused; nothing without a stream."""
    if not settings.KAFKA_BOOTSTRAP_SERVERS:
        return []
    waiting = outbox.waiting(now)
    return [
        Measure("OutboxPending", waiting.count, is_level=True),
        Measure("OutboxAge", waiting.age.total_seconds(), Unit.SECONDS),
        Measure("EventsRefused", waiting.refused, is_level=True),
    ]
