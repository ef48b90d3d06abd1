"""Measurements for Prometheus, which asks each pod: http://pod:METRICS_PORT/metrics.

A worker's children write to files in PROMETHEUS_MULTIPROC_DIR (the library's name, and its own
variable: it has to be set before Python starts), and the parent answers for them all. The folder has
to be empty when a pod starts; an emptyDir is.
"""

import re
from functools import cache

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector

from config.observability.measure import Measure, Unit

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Seconds: from an answer out of memory to the time limit of a task.
_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


def serve() -> None:
    """Answer on METRICS_PORT from now on, in a thread. Raises: OSError when the port is taken."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    start_http_server(settings.METRICS_PORT, registry=registry)


def note(measure: Measure) -> None:
    """Counts add up, durations fall into buckets, ages replace one another."""
    labels = tuple(sorted(measure.dimensions))
    values = [measure.dimensions[name] for name in labels]
    counts = measure.unit == Unit.COUNT and not measure.is_level
    metric = _metric(measure.name, measure.unit, tuple(map(_snake, labels)), counts)
    child = metric.labels(*values) if values else metric
    if isinstance(child, Counter):
        child.inc(measure.value)
    elif isinstance(child, Histogram):
        child.observe(measure.value / 1000)
    else:
        child.set(measure.value)


@cache
def _metric(name: str, unit: Unit, labels: tuple[str, ...], counts: bool) -> Counter | Gauge | Histogram:
    full, told = f"currency_service_{_snake(name)}", f"{name}, as in CloudWatch"
    if counts:
        return Counter(full, told, labels)
    if unit == Unit.MILLISECONDS:
        return Histogram(f"{full}_seconds", told, labels, buckets=_BUCKETS)
    # Whichever child measured last: each of them measures the same thing.
    return Gauge(
        full if unit == Unit.COUNT else f"{full}_seconds", told, labels, multiprocess_mode="mostrecent"
    )


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()
