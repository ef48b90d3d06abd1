"""What operators change now and then and every request needs: asked of the database now and then."""

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import Error as DatabaseUnreachable

#: Seconds after which an operator's change is seen by every process.
REMEMBER = 5.0
#: Seconds for which a database that is out is left alone: each question may wait for its time-out.
_REST = 30.0

_T = TypeVar("_T")


class Remembered(Generic[_T]):
    """The answer of `ask`, at most `REMEMBER` seconds old while the database answers."""

    def __init__(self, ask: Callable[[], _T]) -> None:
        self._ask = ask
        self._told: _T | None = None
        self._ask_again_at = float("-inf")

    def told(self) -> _T:
        """While the database is out, its last answer; who has never asked it gets its error.

        Raises: django.db.Error.
        """
        now = time.monotonic()
        if self._told is not None:
            if now < self._ask_again_at:
                return self._told
            self._ask_again_at = now + REMEMBER  # the others go on with what is known
        try:
            told = self._ask()
        except DatabaseUnreachable:
            if self._told is None:
                raise
            self._ask_again_at = time.monotonic() + _REST
            return self._told
        self._told, self._ask_again_at = told, now + REMEMBER
        return told

    def forget(self, **_: Any) -> None:
        """Ask again the next time."""
        self._ask_again_at = float("-inf")
