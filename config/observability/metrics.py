"""What is measured: counts and durations as they happen, ages once a minute.

A measurement leaves as a line of CloudWatch's embedded metric format on standard output: a write and
no call, so a request may afford it. Where Prometheus asks a process (`METRICS_PORT`), its registry is
told as well. With METRICS=off, as on a laptop, and no port nothing is told to anybody.

Format: docs.aws.amazon.com, "Specification: Embedded metric format", read on 2026-11-26.
"""

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.utils.module_loading import import_string

from config.observability.measure import Measure

NAMESPACE = "CurrencyService"
#: CloudWatch takes as many metrics of one event.
_MOST = 100

log = structlog.get_logger(__name__)


def are_told() -> bool:
    """Whether anybody gets measurements from this process."""
    return settings.METRICS == "emf" or bool(settings.METRICS_PORT)


def tell(*measures: Measure) -> None:
    """Give measurements to whoever this installation has for them."""
    if settings.METRICS == "emf":
        for line in lines(measures, at=time.time()):
            os.write(1, line)
    if settings.METRICS_PORT:
        from config.observability import prometheus  # where nobody asks, there is none

        for measure in measures:
            prometheus.note(measure)


def lines(measures: Iterable[Measure], *, at: float) -> list[bytes]:
    """A line of the embedded metric format for all measures of the same dimensions. `at`: Unix seconds."""
    by_dimensions = sorted(measures, key=_place)
    return [_line(list(alike)[:_MOST], at=at) for _, alike in groupby(by_dimensions, key=_place)]


def _place(measure: Measure) -> list[tuple[str, str]]:
    return sorted(measure.dimensions.items())


def _line(alike: list[Measure], *, at: float) -> bytes:
    dimensions = {"Environment": settings.ENVIRONMENT, **alike[0].dimensions}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": one.name, "Unit": one.unit} for one in alike],
    }
    event: dict[str, Any] = {
        "_aws": {"Timestamp": int(at * 1000), "CloudWatchMetrics": [directive]},
        "event": "metrics",
        **dimensions,
        **{one.name: one.value for one in alike},
    }
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)


def tell_ages() -> int:
    """What is known only by asking: ages, and what waits. Asked of the apps by METRIC_SOURCES; how many failed.

    A part that cannot answer is missing from the measurements; the others are told.
    """
    now, failed = datetime.now(UTC), 0
    for source in settings.METRIC_SOURCES:
        try:
            told: list[Measure] = import_string(source)(now)
        except Exception as exc:  # noqa: BLE001 - one app's database must not hide the others' ages
            failed += 1
            log.warning("not_measured", source=source, error=type(exc).__name__)
            continue
        tell(*told)
    return failed
