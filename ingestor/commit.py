"""One transaction, done again from its beginning when it lost a race."""

from collections.abc import Callable
from typing import TypeVar

import stamina
from django.db import IntegrityError, OperationalError, transaction

_T = TypeVar("_T")

_DEADLOCK, _LOCK_WAIT, _DUPLICATE = 1213, 1205, 1062


def _lost_a_race(exc: Exception) -> bool:
    """Deadlock, lock time-out, or somebody else inserted the same row between our read and our write."""
    number = exc.args[0] if exc.args else None
    if isinstance(exc, IntegrityError):
        return number == _DUPLICATE or "UNIQUE constraint failed" in str(exc)
    if isinstance(exc, OperationalError):
        return number in {_DEADLOCK, _LOCK_WAIT} or "locked" in str(exc)
    return False


def committed(work: Callable[[], _T]) -> _T:
    """What `work` returns, committed. It runs in the outermost transaction, up to five times.

    Inside an outer transaction a retry would go on in what the server has rolled back already, so
    there is none to be in. `work` must do nothing that a second run would not do again.
    """
    for attempt in stamina.retry_context(
        on=_lost_a_race, attempts=5, timeout=60, wait_initial=0.05, wait_max=1.0
    ):
        with attempt, transaction.atomic(durable=True):
            return work()
    raise AssertionError("the last attempt returns or raises")
