"""The seam between asking and publishing: what a run needs of whoever publishes its figures.

`rate_publishing.py` and `price_publishing.py` are the two kinds there are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from ingestor.recording import Origin
from ingestor.result import Counts

#: A published rate or price, with where it comes from.
Item = tuple[Any, Origin]


class Publication(Protocol):
    """Some days of a run, screened: nothing is written yet."""

    @property
    def settled(self) -> Counts:
        """What is held back or rejected, whatever is stored already."""
        ...

    def compare(self) -> Counts:
        """What `write` would do; it writes nothing."""
        ...

    def write(self, now: datetime) -> Counts:
        """Publish, in the caller's transaction, which may come a second time; what became of it."""
        ...

    def tell(self) -> None:
        """Log what an operator should look at; call after commit."""
        ...


class Publisher(Protocol):
    """Publishes what one source says."""

    @property
    def nothing(self) -> str:
        """What it means when the newest figures were asked for, and there are none."""
        ...

    def screened(self, items: Sequence[Item], now: datetime) -> Publication:
        """Whole days of figures, in their order. Raises: ProviderFormatError for half an answer."""
        ...
