"""Events that wait for Kafka in DynamoDB, written in the transaction of what they tell of."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from config.events.event import Event
from config.events.outbox import Entry, Tally
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_calls import Busy, Item, ask, patiently, plain, typed
from ranking.stores.dynamodb_tables import SELECTIONS

#: What one BatchWriteItem takes.
_DELETED_AT_ONCE = 25
#: Events of a partition that a tally counts: beyond that it says "so many, at least".
_COUNTED = 1_000


def put(event: Event, place: dict[str, str]) -> dict[str, Any]:
    """The action of a transaction that notes an event down at `place`."""
    item = {
        **place,
        "event_id": event.id,
        "type": event.type,
        "schema_version": event.schema_version,
        "key": event.key,
        "occurred_at": event.occurred_at.isoformat(),
        "body": event.body,
    }
    return {"Put": {"TableName": SELECTIONS, "Item": typed(item)}}


class DynamoOutbox:
    """See `config.events.outbox.Outbox`. Selections of one country, made within a moment on two machines, are
    in the order of the machines' clocks; rankings of a period are in the order of their versions."""

    def oldest(self, most: int) -> list[Entry]:
        found: list[Item] = []
        horizon: str | None = None
        shards = keys.shards()
        for shard in shards:
            items, has_more = _read(keys.waiting(shard), most // len(shards) + 1)
            found += items
            if has_more:
                # Behind the last one read there may be older ones than other shards have shown.
                last = _sort(items[-1])
                horizon = last if horizon is None else min(horizon, last)
        told = sorted((item for item in found if horizon is None or _sort(item) <= horizon), key=_sort)
        rankings, _ = _read(keys.WAITING_RANKINGS, most)
        return [_entry(item) for item in (*told[:most], *rankings)]

    def forget(self, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), _DELETED_AT_ONCE):
            _delete([entry.place for entry in entries[start : start + _DELETED_AT_ONCE]])

    def tally(self) -> Tally:
        count, oldest = 0, None
        for partition in _partitions():
            items, _ = _read(partition, _COUNTED, ProjectionExpression="occurred_at")
            instants = [datetime.fromisoformat(item["occurred_at"]) for item in items]
            count += len(instants)
            oldest = min([*instants, *([oldest] if oldest else [])], default=None)
        return Tally(count, oldest)


def _partitions() -> Iterator[str]:
    yield from map(keys.waiting, keys.shards())
    yield keys.WAITING_RANKINGS


def _sort(item: Item) -> str:
    return str(item["selection_timestamp_userid"])


def _read(partition: str, most: int, **options: Any) -> tuple[list[dict[str, Any]], bool]:
    """The first items of a partition, and whether it has more."""
    answer = ask(
        "query",
        TableName=SELECTIONS,
        ConsistentRead=True,
        KeyConditionExpression="selection_date = :partition",
        ExpressionAttributeValues=typed({":partition": partition}),
        Limit=most,
        **options,
    )
    return [plain(item) for item in answer["Items"]], "LastEvaluatedKey" in answer


def _entry(item: Item) -> Entry:
    event = Event(
        id=item["event_id"],
        type=item["type"],
        schema_version=int(item["schema_version"]),
        key=item["key"],
        occurred_at=datetime.fromisoformat(item["occurred_at"]),
        body=item["body"],
    )
    return Entry(event, keys.key_of(item))


def _delete(places: Sequence[Item]) -> None:
    wanted = [{"DeleteRequest": {"Key": typed(place)}} for place in places]

    def once() -> None:
        nonlocal wanted
        left = ask("batch_write_item", RequestItems={SELECTIONS: wanted}).get("UnprocessedItems")
        if left:
            wanted = left[SELECTIONS]
            raise Busy(f"{len(wanted)} events were not deleted")

    patiently(once)
