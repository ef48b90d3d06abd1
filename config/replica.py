"""Which database a query goes to: plain reads may use the replica, everything else the primary.

A reader may lag the writer by up to a second, so nobody who has written may read from it
(the first write pins the rest of that request or task), and neither may a read inside a
transaction, which usually decides a write.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connections

_pinned: ContextVar[bool] = ContextVar("pinned_to_primary", default=False)


def unpin() -> None:
    """Start of a request or task: nothing has been written yet."""
    _pinned.set(False)


@contextmanager
def primary() -> Iterator[None]:
    """Reads inside see everything written so far, by anybody."""
    token = _pinned.set(True)
    try:
        yield
    finally:
        _pinned.reset(token)


class ReplicaRouter:
    """Reads to `replica` where one is configured and nothing was written yet; the rest to `default`."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        if not settings.HAS_REPLICA or _pinned.get():
            return "default"
        return "default" if connections["default"].in_atomic_block else "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        _pinned.set(True)
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
