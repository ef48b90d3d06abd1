"""A selection: one traveller's choice of a country, as plain data on its way to a store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What one request chose, checked, and ready to be stored as one: all of it or nothing.

    Nothing in here names a person: `user` and `session` are encrypted, the rest are keyed hashes
    whose key changes with the Seoul day.
    """

    #: (selection id, country code) of each choice; at least one, no country twice.
    choices: tuple[tuple[str, str], ...]
    #: UTC; `day` is its Seoul date.
    selected_at: datetime
    day: date
    #: Who counts once for a country and day: the user, or address and agent where there is no user.
    visitor: str
    address: str
    agent: str
    #: Encrypted; empty where the request had none.
    user: str
    session: str
    #: Which key encrypted them.
    key_id: str
    referrer: str
    #: Of caller and Idempotency-Key, hashed; None where the request had no key.
    idempotency: str | None
    #: Of what the request asked for, to tell a retry from another request under the same key.
    fingerprint: str
    #: When the selection itself is forgotten; its counts stay.
    expires_at: datetime
    #: Nobody's, for a demonstration: it is counted, and others are not told of it.
    is_made_up: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is stored: the ids, and whether an earlier request under the same key had done it."""

    selection_ids: tuple[str, ...]
    is_replay: bool


@dataclass(frozen=True, slots=True)
class Count:
    """Of one country on one Seoul day: every selection, and visitors each counted once."""

    selections: int = 0
    visitors: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.selections + other.selections, self.visitors + other.visitors)

    def without(self, other: "Count") -> "Count":
        """What is left when `other` is taken out: never less than nothing."""
        return Count(max(0, self.selections - other.selections), max(0, self.visitors - other.visitors))


#: {country code: Count} of one day.
DayCounts = Mapping[str, Count]


@dataclass(frozen=True, slots=True)
class StoredSelection:
    """A selection read back, for audits: what it chose and when, and nothing of whom."""

    selection_id: str
    country_code: str
    selected_at: datetime


@dataclass(frozen=True, slots=True)
class Chosen:
    """When a selection of a country was made, and by whom: equal for equal visitors of that day, no more."""

    selected_at: datetime
    visitor: str
