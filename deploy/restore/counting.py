"""A day of DynamoDB counted anew, from the selections that are there, while more of them arrive.

A counter is written only if it is what it was before the selections were read: one that has moved since
is read again, with its selections. A pass that finds nothing to correct proves the day.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from currency.schedule import SEOUL
from deploy.restore.returning import Counters, put_back
from ranking.selection import Count
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_calls import Busy, Item, pages, transact, typed
from ranking.stores.dynamodb_tables import EXPIRES_AT, SELECTIONS
from ranking.window import seoul_day

#: A busy day moves while it is read; most of its countries are right after the first pass.
_PASSES = 20
#: For how long it is remembered who has been counted: as long as `dynamodb_adding` does.
_VISITS_KEPT = timedelta(days=3)


def count_again(day: date, then: Counters, *, now: datetime) -> int:
    """Make a Seoul day's counters what its selections say; how many were something else.

    Where selections of the day have expired, their counters are those of `then`, the moment restored:
    they are all that is left of them.
    Raises: Busy where selections came faster than they could be counted; StoreUnavailable.
    """
    if day >= seoul_day(now) - timedelta(days=1):
        _remember_visitors(day, now)
    corrected = 0
    for _ in range(_PASSES):
        # In this order: what comes between the two has moved a counter, and is noticed.
        there, items = _counters(day), _selections(day)
        wanted = _counted(items) if _are_all_kept(day, items, now) else _of_day(then, day)
        wrong = [
            place
            for place in there.keys() | wanted.keys()
            if there.get(place, Count()) != wanted.get(place, Count())
        ]
        if not wrong:
            return corrected
        corrected += sum(_correct(place, there.get(place), wanted.get(place, Count())) for place in wrong)
    raise Busy(f"{day}: selections arrive faster than they are counted; run this again in a quiet hour")


def _of_day(counters: Counters, day: date) -> Counters:
    return {place: count for place, count in counters.items() if place[0].startswith(f"{day}#")}


def _are_all_kept(day: date, items: Iterable[Item], now: datetime) -> bool:
    """Whether the day's very first selection would still be there.

    How long they are kept is a setting that may have changed; they themselves tell how long.
    """
    lives = [int(item[EXPIRES_AT]) - keys.told(item).selected_at.timestamp() for item in items]
    begin = datetime.combine(day, time.min, SEOUL).timestamp()
    return bool(lives) and begin + min(lives) > now.timestamp()


def _counters(day: date) -> Counters:
    return {
        (item["selection_date"], item["selection_timestamp_userid"]): Count(
            int(item["selections"]), int(item["visitors"])
        )
        for shard in keys.shards()
        for item in _partition(keys.counts(day, shard))
    }


def _selections(day: date) -> list[Item]:
    return [item for shard in keys.shards() for item in _partition(keys.selections(day, shard))]


def _partition(name: str) -> Iterable[dict[str, Any]]:
    asked = {
        "TableName": SELECTIONS,
        "ConsistentRead": True,
        "KeyConditionExpression": "selection_date = :partition",
        "ExpressionAttributeValues": typed({":partition": name}),
    }
    return (item for items in pages("query", **asked) for item in items)


def _counted(items: Iterable[Item]) -> Counters:
    """Every selection in its own shard; a visitor in the shard of his first selection of the country."""
    counters: Counters = {}
    seen: set[tuple[str, str]] = set()
    for item in sorted(items, key=lambda one: str(one["selection_timestamp_userid"])):
        day, _, shard = item["selection_date"].partition("#")
        country = keys.told(item).country_code
        place = (keys.counts(date.fromisoformat(day), shard), country)
        is_new = (country, item["visitor"]) not in seen
        seen.add((country, item["visitor"]))
        counters[place] = counters.get(place, Count()) + Count(1, int(is_new))
    return counters


def _remember_visitors(day: date, now: datetime) -> None:
    """Who has been counted on a day that is not over is not counted again: their visits may be lost as well."""
    visits: dict[tuple[str, str], dict[str, Any]] = {}
    for item in _selections(day):
        country, visitor = keys.told(item).country_code, item["visitor"]
        until = int((now + _VISITS_KEPT).astimezone(UTC).timestamp())
        visits[country, visitor] = {**keys.visit_of(day, visitor, country), EXPIRES_AT: until}
    put_back(SELECTIONS, list(visits.values()))


def _correct(place: tuple[str, str], before: Count | None, wanted: Count) -> bool:
    """False where the counter has moved since it was read, or is moving."""
    condition, known = "attribute_not_exists(selection_date)", dict[str, Any]()
    if before is not None:
        condition = "selections = :counted AND visitors = :seen"
        known = {":counted": before.selections, ":seen": before.visitors}
    values = {":selections": wanted.selections, ":visitors": wanted.visitors, **known}
    update = {
        "TableName": SELECTIONS,
        "Key": typed(keys.key(*place)),
        "UpdateExpression": "SET selections = :selections, visitors = :visitors",
        "ConditionExpression": condition,
        "ExpressionAttributeValues": typed(values),
    }
    try:
        transact([{"Update": update}])
    except Busy:
        return False
    return True
