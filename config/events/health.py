"""Are events told? For the health page."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from config.events.outbox import waiting

#: Ten runs of the relay.
_OLD = timedelta(minutes=10)


def summary(now: datetime) -> dict[str, Any]:
    """`status`, how many events are `waiting` for Kafka and how many it has `refused`.

    Raises: django.db.Error; what a store raises.
    """
    if not settings.KAFKA_BOOTSTRAP_SERVERS:
        return {"status": "not_configured"}
    found = waiting(now)
    is_ill = found.age > _OLD or found.refused
    return {
        "status": "degraded" if is_ill else "healthy",
        "waiting": found.count,
        "refused": found.refused,
    }
