"""One transaction, done again from its beginning when it lost a race or its connection."""

from collections.abc import Callable
from typing import TypeVar

import stamina
from django.db import IntegrityError, OperationalError, connections, transaction

_T = TypeVar("_T")

_DUPLICATE = 1062
#: Deadlock, lock time-out; connection killed, gone, lost. What was done is rolled back.
_PASSING = frozenset({1213, 1205, 1927, 2002, 2003, 2006, 2013})
#: The former writer after a failover: read-only, and it answers every ping.
READ_ONLY = frozenset({1290, 1792, 1836})


def _may_heal(exc: Exception) -> bool:
    """What another try can heal, and somebody else's insert of the same row between our read and our write."""
    number = exc.args[0] if exc.args else None
    if isinstance(exc, IntegrityError):
        return number == _DUPLICATE or "UNIQUE constraint failed" in str(exc)
    if isinstance(exc, OperationalError):
        return number in _PASSING | READ_ONLY or "locked" in str(exc)
    return False


def committed(work: Callable[[], _T]) -> _T:
    """What `work` returns, committed. It runs in the outermost transaction, up to five times.

    Inside an outer transaction a retry would go on in what the server has rolled back already, so
    there is none to be in. `work` must do nothing that a second run would not do again.
    """
    for attempt in stamina.retry_context(
        on=_may_heal, attempts=5, timeout=60, wait_initial=0.05, wait_max=1.0, wait_jitter=0.05
    ):
        with attempt:
            connection = connections["default"]
            if attempt.num > 1 and not connection.in_atomic_block:
                # Another connection: to a server that is gone, or that may not be written to any more,
                # this one would go on as it is.
                connection.close()
            with transaction.atomic(durable=True):
                return work()
    raise AssertionError("the last attempt returns or raises")
