"""The Celery application: `celery -A config.celery worker`, `celery -A config.celery beat`.

A task is named `<app>.<what>` and lives in `<app>/tasks.py`; the first word decides its queue.
"""

import os
import time
from importlib import import_module
from typing import Any

import structlog
from celery import Celery, signals
from django.conf import settings

from config import pulse
from config.observability.measure import Measure, Unit
from config.observability.metrics import tell
from config.routes import misroutings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("currency_travel_service")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

log = structlog.get_logger(__name__)


class QueueUnavailable(Exception):
    """The broker did not take a message, or did not answer."""


# --- sending -------------------------------------------------------------------------------------


def enqueue(name: str, kwargs: dict[str, Any], *, delay: int = 0) -> None:
    """Have the task `name` run with `kwargs`, not before `delay` seconds have passed (900 at most).

    Without a broker it runs here, at once, and what it raises comes out. With one this takes a few
    seconds at most, once; a message that was sent although this raised is possible.
    Raises: QueueUnavailable.
    """
    if settings.CELERY_TASK_ALWAYS_EAGER:
        _task(name).apply(kwargs=kwargs)
        return
    # SQS waits by itself; a countdown there would be a message that some worker holds in its memory.
    by_broker = settings.CELERY_BROKER_URL == "sqs://"
    later = ({"DelaySeconds": delay} if by_broker else {"countdown": delay}) if delay else {}
    try:
        app.send_task(name, kwargs=kwargs, **later)
    except Exception as exc:
        # Each broker's driver has its own: OSError, redis.RedisError, botocore's two families.
        raise QueueUnavailable(f"{name} was not sent: {type(exc).__name__}: {exc}") from exc


def _task(name: str) -> Any:
    if name not in app.tasks:
        import_module(f"{name.partition('.')[0]}.tasks")
    return app.tasks[name]


def ping() -> None:
    """Ask the broker for a sign, a few seconds at most. Raises: whatever its driver raises."""
    if settings.CELERY_BROKER_URL == "sqs://":
        from config.aws import client  # boto3 is not everywhere

        for name in settings.CELERY_TASK_QUEUES:
            client("sqs", attempts=1).get_queue_attributes(
                QueueUrl=settings.SQS_QUEUE_URLS[name], AttributeNames=["QueueArn"]
            )
        return
    with app.connection_for_write() as connection:
        connection.default_channel.client.ping()


@signals.worker_init.connect
@signals.beat_init.connect
def _refuse_to_start(**_: Any) -> None:
    # As SystemExit: Celery logs other exceptions of a receiver, and carries on.
    if settings.CELERY_TASK_ALWAYS_EAGER:
        # Celery would go and look for an AMQP server on this machine.
        raise SystemExit(
            "Configuration: CELERY_BROKER_URL: is missing; without a broker tasks run where they are asked "
            "for, and there is nothing for a worker or beat to do (see .env.example)"
        )
    if wrong := misroutings(name for name in sorted(app.tasks) if not name.startswith("celery.")):
        raise SystemExit(f"Configuration: {' '.join(wrong)}")


# --- logs and measurements -----------------------------------------------------------------------

#: When each task of this process began, by its id; a process runs one at a time.
_began: dict[str, float] = {}


@signals.setup_logging.connect
def _leave_logging_alone(**_: Any) -> None:
    """Django has set it up (config/observability); with a receiver here Celery does not."""


@signals.task_prerun.connect
def _begin(task_id: str, task: Any, **_: Any) -> None:
    if task.request.is_eager:
        return  # it belongs to the request that asked for it
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=task_id, task=task.name)
    _began[task_id] = time.perf_counter()
    pulse.expect_by(pulse.BUSY + (task.time_limit or app.conf.task_time_limit))


@signals.task_postrun.connect
def _end(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
    if task.request.is_eager:
        return
    structlog.contextvars.clear_contextvars()
    seconds = time.perf_counter() - _began.pop(task_id, time.perf_counter())
    by_task = {"Task": task.name}
    tell(Measure("TaskDuration", round(seconds * 1000, 3), Unit.MILLISECONDS, by_task))
    if state == "FAILURE":
        tell(Measure("TaskFailures", 1, dimensions=by_task))


# --- signs of life -------------------------------------------------------------------------------


@signals.worker_init.connect
def _born(**_: Any) -> None:
    pulse.begin()
    if settings.METRICS_PORT:
        from config.observability import prometheus

        prometheus.serve()


if settings.CELERY_BROKER_URL.startswith("redis"):
    # From the event loop, to Redis. Over SQS there is none: there each answered poll counts (config/sqs.py).
    @signals.heartbeat_sent.connect
    def _heart_beats(**_: Any) -> None:
        pulse.expect_by(pulse.IDLE)
