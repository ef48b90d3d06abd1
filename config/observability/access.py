"""One line for every request, in the form of the other logs, at a cost a stored answer can bear."""

import logging
import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings

from config.observability.requests import measured

_logger = logging.getLogger("access")


def access_line(
    *,
    method: str,
    route: str,
    status: int,
    seconds: float,
    size: int,
    tier: str,
    correlation_id: str,
    request_id: str,
    key: str | None,
) -> None:
    """Write what was asked and how it went. The query string stays out: it may hold anything."""
    if settings.LOG_FORMAT == "json":
        event = {
            "event": "request",
            "level": "info",
            "timestamp": datetime.now(UTC),
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes": size,
            "tier": tier,
            "correlation_id": correlation_id,
            "request_id": request_id,
            "key": key,
        }
        if settings.METRICS == "emf":
            event |= measured(route, status=status, seconds=seconds, tier=tier)
        # Straight to standard output: the logging chain would cost more than the answer.
        os.write(1, orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z))
        return
    _logger.info("%s %s → %s  %.1f ms  %s", method, route, status, seconds * 1000, tier)


def with_line(
    application: Callable[..., Iterable[bytes]], environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """What `application` answers, and its line: for pages, which nobody between here and Django tells of."""
    path = environ.get("PATH_INFO", "")
    if not settings.ACCESS_LOG or path.startswith(settings.STATIC_URL):
        return application(environ, start_response)
    started, told = time.perf_counter(), {"status": 500, "size": 0}

    def note(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        told["status"] = int(status[:3])
        told["size"] = int(dict(headers).get("Content-Length", 0))
        return start_response(status, headers, exc_info)

    try:
        return application(environ, note)
    finally:
        access_line(
            method=environ["REQUEST_METHOD"],
            route=path,
            seconds=time.perf_counter() - started,
            tier="page",
            correlation_id="",
            request_id="",
            key=None,
            **told,
        )
