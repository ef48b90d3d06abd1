"""Which database a query goes to: reads of rates may use the replica, everything else the primary.

A reader may lag the writer by up to a second, so nobody who has written may read from it, and
neither may a read inside a transaction, which usually decides a write. Only the public API's reads
ask for the replica at all (`reading`): sessions, users, keys, tasks and the admin never see it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connections

#: Seconds for which what is read may be without what has just been written.
_LAG = 3.0
#: Apps whose tables the API reads and never writes.
_READ = frozenset({"currency", "history"})
_may_lag: ContextVar[bool] = ContextVar("may_lag", default=False)


@contextmanager
def reading() -> Iterator[None]:
    """Inside, reads of rates may come from the replica, until something is written."""
    token = _may_lag.set(True)
    try:
        yield
    finally:
        _may_lag.reset(token)


def life(seconds: int, *, generation: int, now: float) -> int:
    """How long what was read inside may be told: `seconds`, but not long just after `generation` began.

    It may be without what that generation brought. `now` in unix seconds.
    """
    if settings.HAS_REPLICA and now < generation / 1e9 + _LAG:
        return min(seconds, int(_LAG))
    return seconds


def alias() -> str:
    """The database that the API's reads depend on."""
    return "replica" if settings.HAS_REPLICA else "default"


class ReplicaRouter:
    """Reads to `replica` where they may lag, the rest to `default`."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        if not settings.HAS_REPLICA or not _may_lag.get() or model._meta.app_label not in _READ:
            return "default"
        return "default" if connections["default"].in_atomic_block else "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        _may_lag.set(False)
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
