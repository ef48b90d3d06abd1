"""One line for every API request, in the form of the other logs, at a cost a stored answer can bear."""

import logging
import sys
from datetime import UTC, datetime

import orjson
from django.conf import settings

_logger = logging.getLogger("access")


def access_line(
    *,
    method: str,
    path: str,
    status: int,
    seconds: float,
    size: int,
    tier: str,
    correlation_id: str,
    key: str | None,
) -> None:
    """Write what was asked and how it went. The query string stays out: it may hold anything."""
    if settings.LOG_FORMAT == "json":
        event = {
            "event": "request",
            "level": "info",
            "timestamp": datetime.now(UTC),
            "method": method,
            "route": path,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes": size,
            "tier": tier,
            "correlation_id": correlation_id,
            "key": key,
        }
        # Straight to the stream: the logging chain would cost more than the answer.
        sys.stdout.write(orjson.dumps(event).decode() + "\n")
        return
    _logger.info("%s %s → %s  %.1f ms  %s", method, path, status, seconds * 1000, tier)
