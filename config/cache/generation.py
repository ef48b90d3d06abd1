"""The generation number: what is stored under an older one is no longer the newest answer.

Ingestion moves it on after commit. A process asks the shared cache for it at most once a second,
so a new rate shows everywhere within about a second. While the cache is out the last number seen
stays, and what is stored lives until its own end; on a laptop, where the cache is this process's
memory, another process's ingestion shows when stored answers end.
"""

import time

from config.cache import shared

ASK_EVERY = 1.0
_KEY = "generation"

_known = 0
_asked_at = float("-inf")


def current() -> int:
    """The number in force, at most `ASK_EVERY` seconds old."""
    global _known, _asked_at
    now = time.monotonic()
    if now - _asked_at >= ASK_EVERY:
        _asked_at = now
        _known = shared.get(_KEY, _known)
    return _known


def move_on() -> None:
    """Everything stored before this call is old. Call after commit."""
    global _known, _asked_at
    # A clock, not a counter: a cache that was emptied must not come back to a number in use.
    _known = time.time_ns()
    _asked_at = time.monotonic()
    shared.put(_KEY, _known, None)
