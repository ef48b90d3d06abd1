"""How much of their limit API keys have used this hour, by the counters that throttling keeps."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from config.api.models import ApiKey
from config.api.throttling import counted


@dataclass(frozen=True, slots=True)
class KeyUse:
    """Requests of this hour of the clock; those that processes hold in leases count as used."""

    prefix: str
    name: str
    tier: str
    used: int
    limit: int

    @property
    def share(self) -> float:
        """1.0 and more: nothing is left until the hour is over."""
        return self.used / self.limit


def use_of(keys: Collection[ApiKey], *, now: datetime) -> dict[str, KeyUse]:
    """{prefix: use} of each key at `now` (aware); one trip to the shared cache, and 0 while that is out."""
    used = counted([f"key:{key.prefix}" for key in keys], now.timestamp())
    return {
        key.prefix: KeyUse(
            prefix=key.prefix,
            name=key.name,
            tier=key.tier,
            used=used.get(f"key:{key.prefix}", 0),
            limit=settings.REQUEST_LIMITS[key.tier],
        )
        for key in keys
    }


def keys_near_their_limit(now: datetime, *, share: float = 0.8) -> list[KeyUse]:
    """Valid keys that have used at least `share` of their limit in this hour, the nearest first. One query."""
    valid = ApiKey.objects.get_usable_keys().filter(Q(expiry_date=None) | Q(expiry_date__gt=now))
    near = [use for use in use_of(list(valid), now=now).values() if use.share >= share]
    return sorted(near, key=lambda use: (-use.share, use.prefix))
