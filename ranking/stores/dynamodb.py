"""Selections, counts and results in DynamoDB: what is asked of it.

The tables are in `dynamodb_tables`, what the items of the selections' table mean in `dynamodb_keys`,
how a submission gets in is in `dynamodb_adding`, how selections are taken out again in
`dynamodb_removing`, how others are told in `dynamodb_outbox`. RankingResults has a document for each
`period`: its version, and its body as JSON.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from itertools import product
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError
from django.utils import timezone

from config.aws import client
from config.events.event import Event
from config.events.outbox import Outbox, told
from ranking.selection import Chosen, Count, DayCounts, Receipt, StoredSelection, Submission
from ranking.stores import Document, dynamodb_adding, dynamodb_outbox, dynamodb_removing
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_calls import (
    Busy,
    Item,
    answering,
    ask,
    found,
    pages,
    patiently,
    plain,
    transact,
    typed,
)
from ranking.stores.dynamodb_tables import COUNTRY_DATE_INDEX, EXPIRES_AT, RESULTS, SELECTIONS, TABLES

#: Counter partitions read at a time. A process's connections to DynamoDB are shared by its threads.
_READERS = 8


class DynamoStore:
    """See `ranking.stores.SelectionStore`. What happens once is decided by conditions on writes."""

    name = "dynamodb"
    outbox: Outbox | None = dynamodb_outbox.DynamoOutbox()

    def add(self, submission: Submission) -> Receipt:
        return dynamodb_adding.add(submission)

    def counts(self, days: Sequence[date]) -> dict[date, DayCounts]:
        counted: dict[date, dict[str, Count]] = {day: {} for day in days}
        places = list(product(counted, keys.shards()))
        with ThreadPoolExecutor(_READERS) as readers:
            shares = readers.map(lambda place: list(_counters(*place)), places)
            for (day, _), share in zip(places, shares, strict=True):
                for country, count in share:
                    counted[day][country] = counted[day].get(country, Count()) + count
        # What has been removed leaves counters of nothing behind.
        return {
            day: {country: count for country, count in of_day.items() if count != Count()}
            for day, of_day in counted.items()
        }

    def selections(self, day: date, country_code: str | None = None) -> Iterator[StoredSelection]:
        """The index, which is asked for a country, may lag behind the table by a moment."""
        for shard in keys.shards():
            yield from map(keys.told, _selections(day, country_code, shard))

    def choices(self, day: date, country_code: str) -> Iterator[Chosen]:
        for shard in keys.shards():
            yield from map(keys.chosen, _selections(day, country_code, shard))

    def remove(self, day: date, is_meant: Callable[[str], bool]) -> int:
        return dynamodb_removing.remove(day, is_meant)

    def documents(self, names: Sequence[str]) -> dict[str, Document]:
        items = found(RESULTS, [{"period": name} for name in dict.fromkeys(names)])
        return {item["period"]: Document(int(item["version"]), json.loads(item["body"])) for item in items}

    def write(
        self, name: str, body: Mapping[str, Any], *, expected: int, telling: Iterable[Event] = ()
    ) -> bool:
        ours = uuid4().hex
        document = {
            "period": name,
            "version": expected + 1,
            "body": json.dumps(body, ensure_ascii=False),
            "written_by": ours,
        }
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(period)"}
        if expected:
            condition = {
                "ConditionExpression": "version = :expected",
                "ExpressionAttributeValues": typed({":expected": expected}),
            }
        put = {"TableName": RESULTS, "Item": typed(document), **condition}
        if waiting := [
            dynamodb_outbox.put(event, keys.waiting_ranking(name, expected + 1)) for event in told(telling)
        ]:
            return _written(name, [{"Put": put}, *waiting], expected, ours)
        try:
            ask("put_item", ReturnValuesOnConditionCheckFailure="ALL_OLD", **put)
        except ClientError as exc:
            if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            # botocore has asked again because the answer to the first time was lost.
            return plain(exc.response.get("Item", {})).get("written_by") == ours
        return True

    def expire(self, now: datetime) -> int:
        return 0  # DynamoDB does (expires_at)

    def reencrypt(self, convert: Callable[[str], str], key_id: str, batch: int) -> Iterator[int]:
        scanned = pages(
            "scan",
            TableName=SELECTIONS,
            ConsistentRead=True,
            FilterExpression="attribute_exists(key_id) AND key_id <> :current",
            ExpressionAttributeValues=typed({":current": key_id}),
        )
        for items in scanned:
            for start in range(0, len(items), batch):
                yield sum(_reencrypted(item, convert, key_id) for item in items[start : start + batch])

    def create_tables(self) -> list[str]:
        return [table["TableName"] for table in TABLES if _made(table)]

    def ping(self) -> None:
        ask("get_item", TableName=SELECTIONS, Key=typed(keys.key("ping", "ping")))
        ask("get_item", TableName=RESULTS, Key=typed({"period": "ping"}))


# --- reading ----------------------------------------------------------------------------------


def _counters(day: date, shard: str) -> Iterator[tuple[str, Count]]:
    partition = typed({":partition": keys.counts(day, shard)})
    for items in pages(
        "query",
        TableName=SELECTIONS,
        ConsistentRead=True,
        KeyConditionExpression="selection_date = :partition",
        ExpressionAttributeValues=partition,
    ):
        for item in items:
            count = Count(int(item["selections"]), int(item["visitors"]))
            yield item["selection_timestamp_userid"], count


def _selections(day: date, country_code: str | None, shard: str) -> Iterator[dict[str, Any]]:
    condition = "selection_date = :partition"
    values = {":partition": keys.selections(day, shard), ":now": int(timezone.now().timestamp())}
    where: dict[str, Any] = {"ConsistentRead": True}
    if country_code is not None:
        condition = f"country_code = :country AND {condition}"
        values[":country"] = keys.country(country_code, shard)
        where = {"IndexName": COUNTRY_DATE_INDEX}
    for items in pages(
        "query",
        TableName=SELECTIONS,
        KeyConditionExpression=condition,
        # What has expired may still be there for days.
        FilterExpression=f"{EXPIRES_AT} > :now",
        ProjectionExpression="country_code, selection_timestamp_userid",
        ExpressionAttributeValues=typed(values),
        **where,
    ):
        yield from items


# --- keeping ----------------------------------------------------------------------------------


def _written(name: str, actions: list[dict[str, Any]], expected: int, ours: str) -> bool:
    """Whether these actions wrote the version after `expected`, now or before an answer that was lost."""

    def once() -> bool:
        try:
            transact(actions)
        except Busy:
            [there] = found(RESULTS, [{"period": name}]) or [{"version": 0}]
            if there["version"] == expected:
                raise
            return there.get("written_by") == ours
        return True

    return patiently(once)


def _reencrypted(item: Item, convert: Callable[[str], str], key_id: str) -> bool:
    """False where the selection has gone meanwhile, or somebody else has done it."""
    values = {
        ":user": convert(item["user"]),
        ":session": convert(item["session"]),
        ":current": key_id,
        ":former": item["key_id"],
    }
    try:
        ask(
            "update_item",
            TableName=SELECTIONS,
            Key=typed(keys.key_of(item)),
            UpdateExpression="SET #user = :user, #session = :session, key_id = :current",
            ConditionExpression="key_id = :former",
            ExpressionAttributeNames={"#user": "user", "#session": "session"},  # reserved words
            ExpressionAttributeValues=typed(values),
        )
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _made(table: Mapping[str, Any]) -> bool:
    """False where the table was there. Whether this run made it or not, it is complete afterwards."""
    name = table["TableName"]
    is_new = True
    try:
        ask("create_table", **table)
    except ClientError as exc:
        if exc.response["Error"]["Code"] != "ResourceInUseException":
            raise
        is_new = False
    with answering():
        waiter = client("dynamodb").get_waiter("table_exists")
        waiter.wait(TableName=name, WaiterConfig={"Delay": 2, "MaxAttempts": 60})
    if name == SELECTIONS:
        told = ask("describe_time_to_live", TableName=name)["TimeToLiveDescription"]
        if told["TimeToLiveStatus"] not in {"ENABLED", "ENABLING"}:
            enabled = {"Enabled": True, "AttributeName": EXPIRES_AT}
            ask("update_time_to_live", TableName=name, TimeToLiveSpecification=enabled)
    return is_new
