"""Selections taken out of DynamoDB again, with their share of the counts: one transaction a visitor and country."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_calls import Item, found, pages, patiently, transact, typed
from ranking.stores.dynamodb_tables import SELECTIONS

#: Selections of one transaction: each is deleted and uncounted, and DynamoDB takes a hundred actions.
_AT_ONCE = 45


def remove(day: date, is_meant: Callable[[str], bool]) -> int:
    """See `ranking.stores.SelectionStore.remove`. Reads every selection of the day."""
    every = sorted((item for shard in keys.shards() for item in _of_shard(day, shard)), key=_whose)
    removed = 0
    for (country, visitor), several in groupby(every, key=_whose):
        items = list(several)
        meant = [item for item in items if is_meant(keys.told(item).selection_id)]
        # The visitor goes with the last of them, which is in the last transaction.
        goes_too = len(meant) == len(items)
        for start in range(0, len(meant), _AT_ONCE):
            batch = meant[start : start + _AT_ONCE]
            is_last = start + _AT_ONCE >= len(meant)
            removed += _removed(day, batch, country, visitor if goes_too and is_last else None)
    return removed


def _whose(item: Item) -> tuple[str, str]:
    return keys.told(item).country_code, item["visitor"]


def _of_shard(day: date, shard: str) -> Iterator[Item]:
    for items in pages(
        "query",
        TableName=SELECTIONS,
        ConsistentRead=True,
        KeyConditionExpression="selection_date = :partition",
        ProjectionExpression="selection_date, selection_timestamp_userid, country_code, visitor",
        ExpressionAttributeValues=typed({":partition": keys.selections(day, shard)}),
    ):
        yield from items


def _removed(day: date, items: list[Item], country: str, visitor: str | None) -> int:
    """How many this call has removed; 0 where another one had removed some of them, and left the rest to us."""

    def once() -> int:
        there = found(SELECTIONS, [keys.key_of(item) for item in items])
        if not there:
            return 0  # by somebody else, or by us, whose answer was lost
        transact(list(_actions(day, there, country, visitor)))
        return len(there)

    return patiently(once)


def _actions(
    day: date, items: list[dict[str, Any]], country: str, visitor: str | None
) -> Iterator[dict[str, Any]]:
    """At most 91 for 45 selections, which may be in as many shards."""
    there = "attribute_exists(selection_date)"
    shards: dict[str, int] = {}
    for item in sorted(items, key=lambda item: str(item["selection_timestamp_userid"])):
        yield {
            "Delete": {"TableName": SELECTIONS, "Key": typed(keys.key_of(item)), "ConditionExpression": there}
        }
        _, _, shard = item["selection_date"].rpartition("#")
        shards[shard] = shards.get(shard, 0) + 1
    for place, (shard, count) in enumerate(shards.items()):
        # The visitor was counted with the first selection, whose shard comes first.
        lost = int(visitor is not None and place == 0)
        yield {
            "Update": {
                "TableName": SELECTIONS,
                "Key": typed(keys.key(keys.counts(day, shard), country)),
                "UpdateExpression": "ADD selections :less, visitors :lost",
                "ExpressionAttributeValues": typed({":less": -count, ":lost": -lost}),
            }
        }
    if visitor is not None:
        yield {"Delete": {"TableName": SELECTIONS, "Key": typed(keys.visit_of(day, visitor, country))}}
