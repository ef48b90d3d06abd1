"""Which countries one can choose now, asked of the database every few seconds at most."""

import time
from typing import Any

from django.db import Error as DatabaseUnreachable

from currency.models import Destination

#: Seconds after which an operator's change is seen by every process.
REMEMBER = 5.0
#: Seconds for which a database that is out is left alone: each question may wait for its time-out.
_REST = 30.0

_active: frozenset[str] = frozenset()
_known = False
_ask_again_at = float("-inf")


def active() -> frozenset[str]:
    """Country codes of the active destinations.

    While the database is out, those it named last; who has never asked it gets its error.
    Raises: django.db.Error.
    """
    global _active, _known, _ask_again_at
    now = time.monotonic()
    if now < _ask_again_at:
        return _active
    if _known:
        _ask_again_at = now + REMEMBER  # the others go on with what is known
    try:
        _active = frozenset(Destination.objects.filter(is_active=True).values_list("country_code", flat=True))
    except DatabaseUnreachable:
        if not _known:
            raise
        _ask_again_at = time.monotonic() + _REST
        return _active
    _known, _ask_again_at = True, now + REMEMBER
    return _active


def forget(**_: Any) -> None:
    """Ask again the next time."""
    global _ask_again_at
    _ask_again_at = float("-inf")
