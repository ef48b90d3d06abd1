"""How many requests a caller has left this hour.

Counters live in the shared cache and are only ever added to atomically, so that no number of
processes or parallel requests lets anybody above the limit. A process takes requests from the
counter in small leases and spends them from memory, which makes the counter one trip in ten
requests instead of one in each. The price: when a caller is near the limit, other processes may
still hold up to a lease each that they never spend; they count as spent.

Where the cache is out, each process counts on its own until it is back: reads go on, and a limit
is at worst multiplied by the number of processes for that time.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass

from cachetools import LRUCache

from config.cache import shared

WINDOW = 3600
_MOST_CALLERS = 100_000


@dataclass(slots=True)
class _Lease:
    window: int
    limit: int
    left: int = 0
    counted: int = 0
    spent: bool = False


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one request was granted: `remaining` after it, `resets_at` in unix seconds."""

    granted: bool
    limit: int
    remaining: int
    resets_at: int


class RequestCounter:
    """Counts requests of each caller in windows of one hour of the clock."""

    def __init__(self) -> None:
        self._leases: LRUCache[str, _Lease] = LRUCache(_MOST_CALLERS)
        self._lock = threading.Lock()

    def take(self, caller: str, limit: int, now: float, amount: int = 1) -> Allowance:
        """Spend `amount` requests of `caller` at unix time `now`, or none where they are not left."""
        window = int(now) // WINDOW
        with self._lock:
            lease = self._leases.get(caller)
            if lease is None or lease.window != window or lease.limit != limit:
                # What an earlier lease still held stays counted as spent.
                lease = self._leases[caller] = _Lease(window, limit)
            if lease.left < amount and not lease.spent:
                self._renew(lease, _key(caller, window), limit, amount - lease.left)
            granted = lease.left >= amount
            if granted:
                lease.left -= amount
            remaining = max(0, limit - lease.counted) + lease.left
        return Allowance(granted, limit, remaining, (window + 1) * WINDOW)

    def is_spent(self, caller: str, now: float) -> bool:
        """Whether this process knows that `caller` has nothing left in this window; costs no trip."""
        with self._lock:
            lease = self._leases.get(caller)
            return lease is not None and lease.window == int(now) // WINDOW and lease.spent

    @staticmethod
    def _renew(lease: _Lease, key: str, limit: int, needed: int) -> None:
        # A hundredth of the limit, at most ten, so that what other processes hold stays small.
        wanted = max(needed, min(10, limit // 100))
        try:
            lease.counted = shared.count(key, wanted, 2 * WINDOW)
        except shared.Unavailable:
            lease.counted += wanted
        lease.left += max(0, min(wanted, limit - (lease.counted - wanted)))
        lease.spent = lease.left == 0


def _key(caller: str, window: int) -> str:
    return f"requests:{caller}:{window}"


def counted(callers: Collection[str], now: float) -> dict[str, int]:
    """{caller: requests counted in the window of unix time `now`}, of those that made any; one trip."""
    window = int(now) // WINDOW
    keys = {_key(caller, window): caller for caller in callers}
    return {keys[key]: int(count) for key, count in shared.get_many(list(keys)).items()} if keys else {}
