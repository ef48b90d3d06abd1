"""Is the service well? For operators (/health), for load balancers (/health/live, /health/ready).

What an app knows of itself is a function `summary(now)` of its own, named as text in
HEALTH_SUMMARIES, so that the platform imports no app. A part that this installation does not have
says `not_configured`; that is no illness.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.files.storage import storages
from django.db import connections
from django.utils.module_loading import import_string
from rest_framework import serializers
from rest_framework.response import Response

from config import celery, replica
from config.api.endpoint import ReadEndpoint
from config.cache import shared

HEALTHY, DEGRADED, UNHEALTHY, NOT_CONFIGURED = "healthy", "degraded", "unhealthy", "not_configured"

SERVICES = (
    "currency_service",
    "ranking_service",
    "history_service",
    "data_ingestor",
    "schedule",
    "event_stream",
)
DEPENDENCIES = ("database", "cache", "queue", "selections_store", "archive")


def _database() -> None:
    """Both where there are two: the primary, and the replica that reads depend on."""
    for name in settings.DATABASES:
        _answers(name)


def _reads() -> None:
    _answers(replica.alias())


def _answers(name: str) -> None:
    with connections[name].cursor() as cursor:
        cursor.execute("SELECT 1")


def _archive() -> None:
    storages["archive"].exists("health")


_CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "cache": shared.ping,
    "queue": celery.ping,
    "archive": _archive,
}


def _check(name: str) -> Callable[[], None] | None:
    if name in settings.HEALTH_CHECKS:
        found: Callable[[], None] = import_string(settings.HEALTH_CHECKS[name])
        return found
    if name == "queue" and not settings.CELERY_BROKER_URL:
        return None
    return _CHECKS.get(name)


def _ask(check: Callable[[], None] | None) -> dict[str, Any]:
    if check is None:
        return {"status": NOT_CONFIGURED, "response_time_ms": None}
    started = time.perf_counter()
    try:
        check()
    except Exception as exc:  # noqa: BLE001 - whatever a driver raises is the finding
        return {"status": UNHEALTHY, "response_time_ms": _since(started), "error": type(exc).__name__}
    return {"status": HEALTHY, "response_time_ms": _since(started)}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _service(name: str, now: datetime) -> dict[str, Any]:
    if name not in settings.HEALTH_SUMMARIES:
        return {"status": NOT_CONFIGURED}
    try:
        told: dict[str, Any] = import_string(settings.HEALTH_SUMMARIES[name])(now)
    except Exception as exc:  # noqa: BLE001 - a broken part is reported, not fatal to the report
        return {"status": UNHEALTHY, "error": type(exc).__name__}
    return told


def report(now: datetime) -> dict[str, Any]:
    """What `/health` answers. `status` is unhealthy when reads cannot be served, degraded when a part is ill."""
    dependencies = {name: _ask(_check(name)) for name in DEPENDENCIES}
    well = dependencies["database"]["status"] == HEALTHY
    reads = well or _ask(_reads)["status"] == HEALTHY
    services = {
        name: _service(name, now) if reads or name not in settings.HEALTH_SUMMARIES else {"status": UNHEALTHY}
        for name in SERVICES
    }
    parts = [part["status"] for part in (*dependencies.values(), *services.values())]
    ill = any(status in {UNHEALTHY, DEGRADED} for status in parts)
    return {
        "status": (DEGRADED if ill else HEALTHY) if reads else UNHEALTHY,
        "service": "currency-travel-service",
        "version": settings.VERSION,
        "services": services,
        "dependencies": dependencies,
    }


class DependencyHealth(serializers.Serializer[Any]):
    status = serializers.ChoiceField([HEALTHY, UNHEALTHY, NOT_CONFIGURED])
    response_time_ms = serializers.FloatField(allow_null=True)
    error = serializers.CharField(required=False)


class ServiceHealth(serializers.Serializer[Any]):
    status = serializers.ChoiceField([HEALTHY, DEGRADED, UNHEALTHY, NOT_CONFIGURED])
    last_run = serializers.DateTimeField(required=False, allow_null=True)
    next_run = serializers.DateTimeField(required=False, allow_null=True)
    waiting = serializers.IntegerField(required=False)
    refused = serializers.IntegerField(required=False)
    error = serializers.CharField(required=False)


class HealthReport(serializers.Serializer[Any]):
    status = serializers.ChoiceField([HEALTHY, DEGRADED, UNHEALTHY])
    service = serializers.CharField()
    version = serializers.CharField()
    services = serializers.DictField(child=ServiceHealth())
    dependencies = serializers.DictField(child=DependencyHealth())


class Alive(serializers.Serializer[Any]):
    status = serializers.ChoiceField([HEALTHY, UNHEALTHY])


class VersionReport(serializers.Serializer[Any]):
    api_version = serializers.CharField()
    version = serializers.CharField()
    commit = serializers.CharField()
    deployment_date = serializers.DateTimeField(allow_null=True)
    environment = serializers.CharField()


class Health(ReadEndpoint):
    """상태 · The whole report. 200 while reads can be served, 503 when not."""

    answer_schema = HealthReport
    max_age = 0

    def answer(self, query: dict[str, Any], language: str) -> Any:
        told = report(datetime.now(UTC))
        return told if told["status"] != UNHEALTHY else Response(told, status=503)


class Live(ReadEndpoint):
    """살아 있는가 · Touches nothing but the process."""

    answer_schema = Alive
    max_age = 0

    def answer(self, query: dict[str, Any], language: str) -> Any:
        return {"status": HEALTHY}


class Ready(ReadEndpoint):
    """받을 수 있는가 · What a load balancer asks: can this process read its database?"""

    answer_schema = Alive
    max_age = 0

    def answer(self, query: dict[str, Any], language: str) -> Any:
        status = _ask(_reads)["status"]
        report = {"status": status}
        return report if status == HEALTHY else Response(report, status=503)


class Version(ReadEndpoint):
    """판 · Which code answers, since when, where."""

    answer_schema = VersionReport
    max_age = 0

    def answer(self, query: dict[str, Any], language: str) -> Any:
        return {
            "api_version": "v1",
            "version": settings.VERSION,
            "commit": settings.COMMIT,
            "deployment_date": settings.DEPLOYED_AT,
            "environment": settings.ENVIRONMENT,
        }
