"""What was in a table at a moment, and is missing from it now, goes back into it.

What is there stays as it is: it is newer. So are selections that arrive meanwhile. What has expired since
stays forgotten. Counters are not put back but counted (`counting`). Events that waited then are told once
more, as docs/events.md allows. Whatever was stopped half-way is run again from the start: it puts back
what is missing still.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any

from ranking.selection import Count
from ranking.stores.dynamodb_calls import Busy, Item, found, pages, patiently, transact, typed
from ranking.stores.dynamodb_tables import EXPIRES_AT, RESULTS, SELECTIONS

#: (partition of counters, country): the counters of a day at the moment, by where they are.
Counters = dict[tuple[str, str], Count]

#: Writes at a time: some thousands a second, which a table on demand takes.
_WRITERS = 16
_KEYS = {SELECTIONS: ("selection_date", "selection_timestamp_userid"), RESULTS: ("period",)}


def kind(item: Item) -> str:
    """What an item of the selections' table is (ranking.stores.dynamodb_keys)."""
    partition = item["selection_date"]
    for mark, name in (("outbox#", "events"), ("idempotency#", "requests")):
        if partition.startswith(mark):
            return name
    for mark, name in (("#counts", "counters"), ("#visits", "visits")):
        if partition.endswith(mark):
            return name
    return "selections"


def day_of(partition: str) -> date:
    return date.fromisoformat(partition.partition("#")[0])


def selections(side: str, *, now: datetime, tell: Callable[[str], None]) -> tuple[Counter[str], Counters]:
    """Put back what `side` holds and the table does not; how many of each kind, and the counters of then."""
    counters: Counters = {}
    returned: Counter[str] = Counter()
    seen = 0
    for items in pages("scan", TableName=side, ConsistentRead=True):
        kept = []
        for item in items:
            if kind(item) == "counters":
                place = (item["selection_date"], item["selection_timestamp_userid"])
                counters[place] = Count(int(item["selections"]), int(item["visitors"]))
            elif item.get(EXPIRES_AT, now.timestamp() + 1) > now.timestamp():
                kept.append(item)
        returned.update(map(kind, put_back(SELECTIONS, kept)))
        seen += len(items)
        tell(f"{seen:,} items read, {returned.total():,} put back")
    return returned, counters


def results(side: str) -> int:
    """Rankings, sealed days and what operators have left out, as far as they are missing; how many."""
    return sum(len(put_back(RESULTS, items)) for items in pages("scan", TableName=side, ConsistentRead=True))


def put_back(table: str, items: list[Any]) -> list[Item]:
    """Those of the items that were missing from the table, and are in it now."""
    there = {_key(table, item) for item in found(table, [_named(table, item) for item in items])}
    missing = [item for item in items if _key(table, item) not in there]
    with ThreadPoolExecutor(_WRITERS) as writers:
        return list(_those(missing, writers.map(lambda item: _put(table, item), missing)))


def _those(items: list[Item], are_ours: Iterator[bool]) -> Iterator[Item]:
    return (item for item, is_ours in zip(items, are_ours, strict=True) if is_ours)


def _named(table: str, item: Item) -> dict[str, Any]:
    return {name: item[name] for name in _KEYS[table]}


def _key(table: str, item: Item) -> tuple[Any, ...]:
    return tuple(_named(table, item).values())


def _put(table: str, item: Item) -> bool:
    put = {
        "TableName": table,
        "Item": typed(item),
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": _KEYS[table][0]},
    }

    def once() -> bool:
        try:
            transact([{"Put": put}])
        except Busy:
            if found(table, [_named(table, item)]):
                return False  # somebody has written it since we looked, and theirs is newer
            raise
        return True

    return patiently(once)
