"""How often a provider may be asked: counted for all processes together, in the shared cache."""

import threading
import time

import structlog

from config.cache import shared
from ingestor.published import ProviderUnavailable
from ingestor.registry import Source

log = structlog.get_logger(__name__)

_lock = threading.Lock()
#: {key: (window, calls)}: this process's own count, used while the shared cache is out.
_own: dict[str, tuple[int, int]] = {}


class BudgetSpent(ProviderUnavailable):
    """This window's requests are used up; nothing was sent."""


def spend(profile: Source, *, now: float | None = None) -> None:
    """Take one request out of the provider's budget, before it is made.

    Windows are fixed and of the profile's length. `now` is seconds since the epoch.
    Raises: BudgetSpent when the window has no room left.
    """
    moment = time.time() if now is None else now
    seconds = profile.budget.seconds
    window = int(moment // seconds)
    used = _count(profile.key, window, seconds)
    if used > profile.budget.calls:
        wait = round((window + 1) * seconds - moment)
        raise BudgetSpent(
            f"budget spent: {profile.budget.calls} requests in {seconds} s; the next window opens in {wait} s"
        )


def _count(key: str, window: int, seconds: int) -> int:
    try:
        return shared.count(f"budget:{key}:{window}", 1, seconds)
    except shared.Unavailable:
        with _lock:
            known, used = _own.get(key, (window, 0))
            used = 1 if known != window else used + 1
            _own[key] = (window, used)
        log.warning("budget_counted_alone", provider=key, used=used)
        return used
