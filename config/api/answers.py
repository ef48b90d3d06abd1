"""Answers kept as ready bytes: what has not changed is neither queried nor rendered again.

Two tiers stand before the database: this process's memory, and the shared cache. An answer is
*current* while its own life lasts and its generation is the one in force; a past one is kept for
some hours, for the time in which the database cannot be asked.

The time of telling and, where an answer says so, the tier it came from are spliced into the
stored bytes: both are ours, at places no string inside JSON can imitate.
"""

import hashlib
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cachetools import LRUCache
from django.conf import settings

from config.cache import generation, shared

MEMORY = "memory_cache"
REDIS = "redis_cache"

_KEEP_PAST = 3 * 3600
_MEMORY_BYTES = 64 * 1024 * 1024
_TIMESTAMP = re.compile(rb'(,"timestamp":")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(","version":"v1"})$')
_OF_RANKINGS = re.compile(r"/(?:api/v1/|en/)?rankings(?:[/?|]|$)")
# Written by /currencies/latest alone; quotation marks inside a JSON string would be escaped.
_TIER = b'"source":"database","cache_hit":false'


@lru_cache(maxsize=8192)
def same_question(query: str) -> str:
    """One text for query strings that ask the same: parameters in order, empty ones dropped.

    Otherwise `?a=1&b=2`, `?b=2&a=1` and `?a=1&&&b=2` would each fill a place of their own. Values of one
    name stay in their order, which may mean something.
    """
    return urlencode(sorted(parse_qsl(query, keep_blank_values=True), key=itemgetter(0)))


def subject_of(path: str) -> generation.Subject:
    """Whose generation an answer, or a page, at `path` belongs to."""
    return "rankings" if _OF_RANKINGS.match(path) else "rates"


@dataclass(frozen=True)
class StoredAnswer:
    """A 200, without its time of telling. `fresh_until` in unix seconds."""

    body: bytes
    enveloped: bool
    headers: tuple[tuple[str, str], ...]
    etag: str
    generation: int
    fresh_until: float

    def is_current(self, number: int, now: float) -> bool:
        return self.generation == number and now < self.fresh_until

    @property
    def may_be_told_late(self) -> bool:
        """Whether it may stand in for one that cannot be had."""
        return not any("must-revalidate" in value for name, value in self.headers if name == "Cache-Control")

    def bytes_at(self, timestamp: str, tier: str) -> bytes:
        """The whole body as told by `tier` at `timestamp`."""
        if not self.enveloped:
            return self.body
        head = self._from_memory if tier == MEMORY else self._told_by(tier)
        return b"".join((head, timestamp.encode(), b'","version":"v1"}'))

    @cached_property
    def _from_memory(self) -> bytes:
        return self._told_by(MEMORY)

    def _told_by(self, tier: str) -> bytes:
        return self.body.replace(_TIER, b'"source":"%s","cache_hit":true' % tier.encode(), 1)

    def packed(self) -> list[Any]:
        """For the shared cache, which keeps plain data."""
        headers = [list(header) for header in self.headers]
        return [self.body, self.enveloped, headers, self.etag, self.generation, self.fresh_until]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> "StoredAnswer":
        body, enveloped, headers, etag, number, fresh_until = packed
        pairs = tuple((str(name), str(value)) for name, value in headers)
        return cls(body, enveloped, pairs, etag, number, fresh_until)


def store_of(
    body: bytes, headers: Mapping[str, str], *, number: int, max_age: int, now: float
) -> StoredAnswer:
    """A fresh answer made ready to be told again; `number` is the generation it was read under."""
    timestamp = _TIMESTAMP.search(body)
    kept = body[: timestamp.end(1)] if timestamp else body
    etag = f'W/"{hashlib.blake2b(kept, digest_size=12).hexdigest()}"'
    return StoredAnswer(kept, timestamp is not None, tuple(headers.items()), etag, number, now + max_age)


class AnswerStore:
    """Both tiers of stored answers, and the rule that one miss is computed once."""

    def __init__(self) -> None:
        self._memory: LRUCache[str, StoredAnswer] = LRUCache(
            _MEMORY_BYTES, getsizeof=lambda answer: len(answer.body) * 2 + 1024
        )
        self._lock = threading.Lock()
        self._flights: dict[str, tuple[threading.Lock, int]] = {}

    def current(self, key: str, now: float) -> tuple[StoredAnswer, str] | None:
        """The answer in force and the tier that had it."""
        number = generation.current(subject_of(key))
        with self._lock:
            answer = self._memory.get(key)
        if answer is not None and answer.is_current(number, now):
            return answer, MEMORY
        answer = self._from_shared(key)
        if answer is not None and answer.is_current(number, now):
            self._remember(key, answer)
            return answer, REDIS if settings.CACHE_IS_SHARED else MEMORY
        return None

    def past(self, key: str) -> tuple[StoredAnswer, str] | None:
        """The last answer known, however old: for when there is no other."""
        with self._lock:
            answer = self._memory.get(key)
        if answer is not None:
            return answer, MEMORY
        answer = self._from_shared(key)
        return (answer, REDIS) if answer is not None else None

    def keep(self, key: str, answer: StoredAnswer, *, seconds: float = _KEEP_PAST) -> None:
        """`seconds`: how long the shared cache has it, for whoever asks for past ones too."""
        self._remember(key, answer)
        if settings.CACHE_IS_SHARED:
            shared.put(_shared_key(key), answer.packed(), seconds)

    def hold(self, key: str, answer: StoredAnswer) -> None:
        """Keep an answer in this process alone."""
        self._remember(key, answer)

    def _remember(self, key: str, answer: StoredAnswer) -> None:
        with self._lock:
            try:
                self._memory[key] = answer
            except ValueError:
                return  # larger than the whole memory tier

    @staticmethod
    def _from_shared(key: str) -> StoredAnswer | None:
        if not settings.CACHE_IS_SHARED:
            return None
        packed = shared.get(_shared_key(key))
        try:
            return StoredAnswer.unpacked(packed) if packed else None
        except (TypeError, ValueError):
            return None  # another release's form

    @contextmanager
    def flight(self, key: str) -> Iterator[None]:
        """One caller at a time for `key`, in this process and, where a cache is shared, in all.

        Waits are bounded: who has waited too long goes on and computes for itself.
        """
        with self._lock:
            lock, waiting = self._flights.get(key, (threading.Lock(), 0))
            self._flights[key] = (lock, waiting + 1)
        held = lock.acquire(timeout=10)
        claimed = False
        try:
            claimed = self._claim(key)
            yield
        finally:
            if claimed:
                shared.release(_shared_key(key) + ":flight")
            if held:
                lock.release()
            with self._lock:
                lock, waiting = self._flights[key]
                if waiting == 1:
                    del self._flights[key]
                else:
                    self._flights[key] = (lock, waiting - 1)

    def _claim(self, key: str) -> bool:
        if not settings.CACHE_IS_SHARED:
            return False
        deadline = time.monotonic() + 2.0
        while not shared.claim(_shared_key(key) + ":flight", 10):
            if time.monotonic() > deadline or self.current(key, time.time()):
                return False
            time.sleep(0.01)
        return True


def _shared_key(key: str) -> str:
    # The number is that of the form: a release that packs otherwise takes the next one.
    return "answer1:" + hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
