"""Which countries one can choose now, asked of the database every few seconds at most."""

from functools import lru_cache
from typing import Any

from currency.models import Destination
from currency.remembered import Remembered

_active = Remembered(
    lambda: tuple(Destination.objects.filter(is_active=True).values_list("country_code", flat=True))
)


def in_order() -> tuple[str, ...]:
    """Country codes of the active destinations, in display order.

    While the database is out, those it named last; who has never asked it gets its error.
    Raises: django.db.Error.
    """
    return _active.told()


def active() -> frozenset[str]:
    """The same without an order. Raises: django.db.Error."""
    return _as_set(_active.told())


@lru_cache(maxsize=2)
def _as_set(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(codes)


def forget(**_: Any) -> None:
    """Ask again the next time."""
    _active.forget()
