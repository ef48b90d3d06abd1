"""Where selections, their counts and the results are kept: SQL or DynamoDB, by one protocol.

Both pass the same tests (tests/ranking/test_stores.py). Reads see every write that was answered
before them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from config.events.event import Event
from config.events.outbox import Outbox
from ranking.selection import Chosen, DayCounts, Receipt, StoredSelection, Submission


class StoreUnavailable(Exception):
    """The store did not answer, or not in time. What was being written may or may not be there."""


class KeyReused(Exception):
    """The idempotency key has been used for another request."""


@dataclass(frozen=True, slots=True)
class Document:
    """A result as kept: `version` counts its writes."""

    version: int
    body: dict[str, Any]


class SelectionStore(Protocol):
    """Every method raises StoreUnavailable where the store does not answer."""

    #: What answers call it: `database` or `dynamodb`.
    name: str
    #: Where what others are to be told of waits; None where that is the database's own.
    outbox: Outbox | None

    def add(self, submission: Submission) -> Receipt:
        """Store and count the submission, all or nothing; durable when this returns.

        Under an idempotency key it happens once: a second call gives the first receipt and changes
        nothing. A visitor adds to `visitors` once for each country and day, to `selections` always.
        Others will be told of it (`ranking.events.recorded`), if anybody is.
        Raises: KeyReused when the key belongs to a submission with another fingerprint.
        """

    def counts(self, days: Sequence[date]) -> dict[date, DayCounts]:
        """The counts of each of these days; an empty mapping for a day without selections.

        The cost follows countries × days, never the number of selections.
        """

    def selections(self, day: date, country_code: str | None = None) -> Iterator[StoredSelection]:
        """The selections of one day themselves, in no particular order; for audits."""

    def choices(self, day: date, country_code: str) -> Iterator[Chosen]:
        """When each selection of a country on a day was made and by which visitor, in no particular order.

        The cost follows the number of selections; what was added within the last moment may be missing.
        """

    def remove(self, day: date, is_meant: Callable[[str], bool]) -> int:
        """Take the selections of a day whose id `is_meant` out again, as if they had never been; how many.

        With each go its share of the counts and, where its visitor has no other selection of that country
        and day, the visitor's. What has been removed stays so when this is stopped and called again.
        """

    def documents(self, names: Sequence[str]) -> dict[str, Document]:
        """Those of the named results that exist."""

    def write(
        self, name: str, body: Mapping[str, Any], *, expected: int, telling: Iterable[Event] = ()
    ) -> bool:
        """Write version `expected` + 1 where `expected` is in force (0: where there is none yet).

        False where somebody else has written since: nothing was changed. `telling`: at most one event,
        which others will be told of, if anybody is, and if it was written.
        """

    def expire(self, now: datetime) -> int:
        """Delete what has expired, unless the store does so by itself; how many rows that were."""

    def reencrypt(self, convert: Callable[[str], str], key_id: str, batch: int) -> Iterator[int]:
        """Pass `user` and `session` of every selection not yet under `key_id` through `convert`.

        Yields the number done after each batch of at most `batch`; what a batch has done stays done,
        so it can be stopped anywhere and called again for the rest.
        """

    def create_tables(self) -> list[str]:
        """Make what is missing, where that is ours to do; the names of what was made."""

    def ping(self) -> None:
        """A cheap question, to see whether it answers."""


_STORES = {"sql": "ranking.stores.sql.SqlStore", "dynamodb": "ranking.stores.dynamodb.DynamoStore"}


@cache
def _made(kind: str) -> SelectionStore:
    made: SelectionStore = import_string(_STORES[kind])()
    return made


def store() -> SelectionStore:
    """The store of this installation (SELECTION_STORE)."""
    return _made(settings.SELECTION_STORE)


def outbox() -> Outbox | None:
    """For the relay of events (EVENT_OUTBOXES)."""
    return store().outbox
