"""Telling the workers that there is something new to rank: once for a burst, and never too early.

The first selection of a burst sends the message, delayed by `GATHER` seconds; for as long nobody
sends another. Whatever is committed in that time is there when the message is delivered, so its
run counts it. A selection that could not be announced is counted by the next run all the same:
runs count everything, and the schedule starts one every five minutes.
"""

import itertools
import threading
import time
import uuid

import structlog
from django.conf import settings

from config.cache import shared

#: Seconds a burst is gathered for, and how much later its message is delivered: for brokers whose
#: delays go by the clocks of two machines.
GATHER, MARGIN = 3, 1
#: Seconds in which a process does not try again after the queue has failed it.
_REST = 15.0
_CLAIM = "ranking:announced"
#: Set where a calculation in process has failed: nothing else would start another.
MISSED = "ranking:missed"
_TASK = "ranking.recalculate"

log = structlog.get_logger(__name__)
_quiet_until = float("-inf")


def announce() -> None:
    """See to it that the rankings are computed soon. Call after commit; never raises."""
    try:
        if settings.CELERY_BROKER_URL:
            _send()
        else:
            _in_process.run()
    except Exception as exc:
        # It is stored and counted; that it cannot be ranked at once must not look like a failure.
        log.error("ranking_not_announced", error=type(exc).__name__, exc_info=exc)
        shared.put(MISSED, 1, None)


def request_calculation(period: str) -> str:
    """Have one period computed now; the id its snapshot will carry.

    Raises: config.celery.QueueUnavailable; without a broker whatever the calculation raises.
    """
    from config.celery import enqueue

    calculation_id = uuid.uuid4().hex
    enqueue(_TASK, {"period": period, "calculation_id": calculation_id})
    return calculation_id


def _send() -> None:
    from config.celery import QueueUnavailable, enqueue

    global _quiet_until
    began = time.monotonic()
    # Ours first: while the shared cache is out, every process would think that it is the first.
    if began < _quiet_until or not shared.claim(_CLAIM, GATHER):
        return
    try:
        enqueue(_TASK, {}, delay=GATHER + MARGIN)
    except QueueUnavailable as exc:
        _quiet_until = time.monotonic() + _REST
        shared.release(_CLAIM)
        log.warning("ranking_not_announced", error=str(exc), rest_seconds=_REST)
    else:
        _quiet_until = began + GATHER


class _InProcess:
    """Without a broker: the caller computes, unless a run that began after its commit already has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tickets = itertools.count(1)
        self._last = 0
        self._done = 0

    def run(self) -> None:
        from config.celery import enqueue

        ticket = self._last = next(self._tickets)
        with self._lock:
            if self._done >= ticket:
                return
            covered = self._last
            enqueue(_TASK, {})
            self._done = covered


_in_process = _InProcess()
