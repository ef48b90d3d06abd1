"""Counts by day: live for the last two Seoul days, sealed once and for all before that.

A sealed day is one small document, whatever was counted on it and in however many shards, so that
a month of them is one read. Yesterday stays live: a selection may be committed a little after its
midnight, or by a machine whose clock is behind.

Seals hold what was counted. What operators have left out (`exclusion`) is taken off on reading, so that
leaving out a part of a past day, or taking that back, breaks no seal.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.conf import settings

from ranking.left_out import DOCUMENT, without
from ranking.selection import Count, DayCounts
from ranking.stores import SelectionStore

_LIVE = timedelta(days=2)


def tally(store: SelectionStore, days: Iterable[date], *, today: date) -> dict[date, DayCounts]:
    """The counts of each of these days, without what is left out. Raises: StoreUnavailable."""
    wanted = list(days)
    past = [day for day in wanted if day <= today - _LIVE]
    sealed = store.documents([DOCUMENT, *(_name(day) for day in past)])
    found = {day: _opened(sealed[_name(day)].body) for day in past if _name(day) in sealed}
    live = store.counts([day for day in wanted if day not in found])
    for day in past:
        if day not in found:
            # Whoever is second writes nothing: there is nothing new to say of a past day.
            store.write(_name(day), _closed(live.get(day, {})), expected=0)
    left_out = sealed[DOCUMENT].body if DOCUMENT in sealed else {}
    counts = {day: found[day] if day in found else live.get(day, {}) for day in wanted}
    return {day: without(counts[day], day, left_out) for day in wanted}


def reseal(store: SelectionStore, day: date) -> bool:
    """Seal a past day again if its counts are not what its seal says; whether they were not.

    A day is sealed wrongly by a machine whose clock is days ahead, or before one whose clock is days
    behind has counted its last selection for it.
    """
    sealed = store.documents([_name(day)]).get(_name(day))
    counted = _closed(store.counts([day]).get(day, {}))
    if sealed is None or sealed.body == counted:
        return False
    return store.write(_name(day), counted, expected=sealed.version)


def scores(counts: Mapping[str, Count], among: frozenset[str]) -> dict[str, int]:
    """What ranks, by RANKING_SCORE, of the countries `among`."""
    return {
        country: getattr(count, settings.RANKING_SCORE)
        for country, count in counts.items()
        if country in among
    }


def _name(day: date) -> str:
    return f"day#{day.isoformat()}"


def _closed(counts: DayCounts) -> dict[str, list[int]]:
    return {country: [count.selections, count.visitors] for country, count in sorted(counts.items())}


def _opened(body: Mapping[str, list[int]]) -> DayCounts:
    return {country: Count(selections, visitors) for country, (selections, visitors) in body.items()}
