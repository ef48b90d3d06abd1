"""Which countries one can choose now, asked of the database every few seconds at most."""

import time
from typing import Any

from django.db import Error as DatabaseUnreachable
from django.db.models.signals import post_save

from currency.models import Destination

#: Seconds after which an operator's change is seen by every process.
REMEMBER = 5.0

_active: frozenset[str] = frozenset()
_asked_at = float("-inf")


def active() -> frozenset[str]:
    """Country codes of the active destinations.

    While the database is out, those it named last; who has never asked it gets its error.
    Raises: django.db.Error.
    """
    global _active, _asked_at
    now = time.monotonic()
    if now - _asked_at >= REMEMBER:
        try:
            _active = frozenset(
                Destination.objects.filter(is_active=True).values_list("country_code", flat=True)
            )
        except DatabaseUnreachable:
            if _asked_at == float("-inf"):
                raise
        _asked_at = now
    return _active


def forget(**_: Any) -> None:
    """Ask again the next time."""
    global _asked_at
    _asked_at = float("-inf")


post_save.connect(forget, sender=Destination)
