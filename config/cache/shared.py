"""The shared cache, asked in a way that never fails a request.

Django's default cache: Redis in production, process memory on a laptop. A silent or broken Redis
would cost its time-out on every call, so after a failure it is left alone for `REST` seconds and
every call answers at once as if it were empty; the first call after that tries again.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache import cache

REST = 5.0

log = structlog.get_logger(__name__)
_T = TypeVar("_T")
_resting_until = 0.0
_lock = threading.Lock()


class Unavailable(Exception):
    """The shared cache did not answer, now or within the last `REST` seconds."""


class _NoSuchCounter(Exception):
    """An answer, not a fault: the counter has not been begun."""


def _increment(key: str, amount: int) -> int:
    try:
        return int(cache.incr(key, amount))
    except ValueError as exc:
        raise _NoSuchCounter from exc


def _call(operation: Callable[..., _T], *args: Any, **options: Any) -> _T:
    global _resting_until
    if time.monotonic() < _resting_until:
        raise Unavailable
    try:
        return operation(*args, **options)
    except _NoSuchCounter:
        raise
    except Exception as exc:
        with _lock:
            _resting_until = time.monotonic() + REST
        log.warning("shared_cache_unavailable", error=type(exc).__name__, rest_seconds=REST)
        raise Unavailable from exc


def get(key: str, default: Any = None) -> Any:
    """The value, or `default` when there is none, it cannot be read, or the cache is out."""
    try:
        return _call(cache.get, key, default)
    except Unavailable:
        return default


def put(key: str, value: Any, seconds: float | None) -> bool:
    """Whether it was stored."""
    try:
        _call(cache.set, key, value, seconds)
    except Unavailable:
        return False
    return True


def claim(key: str, seconds: float) -> bool:
    """Whether this caller is the first; True as well when nobody can tell, so that work goes on."""
    try:
        return bool(_call(cache.add, key, 1, seconds))
    except Unavailable:
        return True


def release(key: str) -> None:
    """End a claim early."""
    try:
        _call(cache.delete, key)
    except Unavailable:
        return


def get_many(keys: list[str]) -> dict[str, Any]:
    """Those of the values that are there, in one trip; none when the cache is out."""
    try:
        return dict(_call(cache.get_many, keys))
    except Unavailable:
        return {}


def count(key: str, amount: int, seconds: float) -> int:
    """Add `amount` to a counter that lives `seconds`, atomically; the new total.

    Raises: Unavailable, because only the caller knows what to do without a count.
    """
    try:
        return _call(_increment, key, amount)
    except _NoSuchCounter:
        if _call(cache.add, key, amount, seconds):
            return amount
        return _call(_increment, key, amount)


def ping() -> None:
    """Raises whatever is wrong with the cache; for health checks, so it does not rest."""
    cache.get("ping")
