"""The generation number: what is stored under an older one is no longer the newest answer.

Rates and rankings have one each: a ranking moves on every few seconds, and must not end the stored
rates with it. Whoever writes moves it on after commit. A process asks the shared cache for it at
most once a second, so what is new shows everywhere within about a second. While the cache is out
the last number seen stays, and what is stored lives until its own end; on a laptop, where the cache
is this process's memory, another process's writing shows when stored answers end.
"""

import time
from typing import Literal

from config.cache import shared

Subject = Literal["rates", "rankings"]

ASK_EVERY = 1.0
_KEYS: dict[Subject, str] = {"rates": "generation", "rankings": "generation:rankings"}

_known: dict[Subject, int] = {}
_asked_at: dict[Subject, float] = {}


def current(subject: Subject = "rates") -> int:
    """The number in force, at most `ASK_EVERY` seconds old."""
    now = time.monotonic()
    if now - _asked_at.get(subject, float("-inf")) >= ASK_EVERY:
        _asked_at[subject] = now
        _known[subject] = shared.get(_KEYS[subject], _known.get(subject, 0))
    return _known.get(subject, 0)


def move_on(subject: Subject = "rates") -> None:
    """Everything stored about `subject` before this call is old. Call after commit."""
    # A clock, not a counter: a cache that was emptied must not come back to a number in use.
    _known[subject] = time.time_ns()
    _asked_at[subject] = time.monotonic()
    shared.put(_KEYS[subject], _known[subject], None)


def forget() -> None:
    """As a process that has just begun: nothing is known, and the next question is asked."""
    _known.clear()
    _asked_at.clear()
