"""API keys as the gate needs them: what a key may do, without a query for every request."""

import hashlib
import threading
import time
from dataclasses import dataclass
from typing import cast

from cachetools import LRUCache, TTLCache
from django.core import signals
from django.db import Error as DatabaseUnreachable

# A revoked key stops within this time everywhere.
REMEMBER = 30.0


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """A valid key: `prefix` is its public part, fit for logs and counters."""

    prefix: str
    tier: str
    may_operate: bool


class KeyRing:
    """Looks keys up in the database and remembers the answer, right or wrong, for `REMEMBER` s.

    A right key is remembered longer for one purpose: while the database is out, whoever was known
    before it went still is. Keys are remembered by their hash, so that a memory dump shows none.
    """

    def __init__(self) -> None:
        self._known: TTLCache[bytes, KeyHolder | None] = TTLCache(4096, REMEMBER, timer=time.monotonic)
        self._last: LRUCache[bytes, KeyHolder] = LRUCache(4096)
        self._lock = threading.Lock()

    def remembers(self, key: str) -> bool:
        """Whether `holder` would answer without asking the database."""
        with self._lock:
            return _digest(key) in self._known

    def holder(self, key: str) -> KeyHolder | None:
        """Who holds `key`, or None for a wrong, expired or revoked one.

        Raises: django.db.Error where the key was never seen and the database is out.
        """
        digest = _digest(key)
        with self._lock:
            if digest in self._known:
                return self._known[digest]
        try:
            holder = _look_up(key)
        except DatabaseUnreachable:
            with self._lock:
                if (holder := self._last.get(digest)) is None:
                    raise
        with self._lock:
            self._known[digest] = holder
            if holder is None:
                self._last.pop(digest, None)
            else:
                self._last[digest] = holder
        return holder


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _look_up(key: str) -> KeyHolder | None:
    from config.api.models import ApiKey  # models are loaded after the WSGI entry is imported

    # To the database this is a little request of its own: connections are checked before and after.
    signals.request_started.send(sender=KeyRing)
    try:
        found = cast(ApiKey, ApiKey.objects.get_from_key(key))
    except ApiKey.DoesNotExist:
        return None
    finally:
        signals.request_finished.send(sender=KeyRing)
    if found.has_expired:
        return None
    return KeyHolder(prefix=found.prefix, tier=found.tier, may_operate=found.may_operate)
