"""What a request adds to the measurements: members of its line in the access log.

One line and one write for both: CloudWatch takes the metrics out of the line, and keeps the line.
"""

import time
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation

from config.observability.metrics import NAMESPACE

#: Tiers that answered without the database.
_CACHES = frozenset({"memory_cache", "redis_cache"})
_PER_ROUTE = (
    b'{"Namespace":"%s","Dimensions":[["Environment","Route"]],'
    b'"Metrics":[{"Name":"RequestDuration","Unit":"Milliseconds"}]}' % NAMESPACE.encode()
)


def measured(path: str, *, status: int, seconds: float, tier: str) -> dict[str, Any]:
    """Members that make a log line one of the embedded metric format too."""
    counts = {"Requests": 1}
    if status >= 500:
        counts["ServerErrors"] = 1
    elif status >= 400:
        counts["ClientErrors"] = 1
    if tier in _CACHES:
        counts["CacheHits"] = 1
    elif tier == "database":
        counts["CacheMisses"] = 1
    stamp = int(time.time() * 1000)
    directives = _overall(tuple(counts)) + b"," + _PER_ROUTE
    return {
        "_aws": orjson.Fragment(b'{"Timestamp":%d,"CloudWatchMetrics":[%s]}' % (stamp, directives)),
        "Environment": settings.ENVIRONMENT,
        "Route": route_of(path),
        "RequestDuration": round(seconds * 1000, 3),
        **counts,
    }


@lru_cache(maxsize=32)
def _overall(counts: tuple[str, ...]) -> bytes:
    metrics = [{"Name": "RequestDuration", "Unit": "Milliseconds"}]
    metrics += [{"Name": name, "Unit": "Count"} for name in counts]
    return orjson.dumps({"Namespace": NAMESPACE, "Dimensions": [["Environment"]], "Metrics": metrics})


@lru_cache(maxsize=1024)
def route_of(path: str) -> str:
    """The pattern that `path` fits, such as /api/v1/currencies/<code>, in whatever language it is read.

    A dimension must not be any text somebody sends: what fits no pattern is one route, and so is the
    admin, whose hundreds would each be paid for.
    """
    if path.startswith("/en/"):
        path = path.removeprefix("/en")
    if path.startswith("/admin/"):
        return "/admin/"
    try:
        with translation.override(settings.LANGUAGE_CODE):  # patterns of pages depend on it
            return "/" + resolve(path).route
    except Resolver404:
        return "unmatched"
