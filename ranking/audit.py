"""Are as many selections counted as are stored? Asked by operators, and by the proof under fire."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ranking.stores import SelectionStore


@dataclass(frozen=True, slots=True)
class DayAudit:
    """A Seoul day: the selections that are stored, those that are counted, and where they differ."""

    day: date
    stored: int
    counted: int
    #: {country: (stored, counted)}
    differing: dict[str, tuple[int, int]]


def audit(store: SelectionStore, days: Iterable[date]) -> Iterator[DayAudit]:
    """Compare each day's selections with its counts; the cost follows the number of selections.

    Days older than SELECTION_RETENTION_DAYS have lost their selections and differ by right.
    Raises: StoreUnavailable.
    """
    for day in days:
        stored = Counter(selection.country_code for selection in store.selections(day))
        counts = store.counts([day]).get(day, {})
        counted = Counter({country: count.selections for country, count in counts.items()})
        differing = {
            country: (stored[country], counted[country])
            for country in sorted(stored.keys() | counted.keys())
            if stored[country] != counted[country]
        }
        yield DayAudit(day, stored.total(), counted.total(), differing)
