"""DynamoDB, asked: plain values in and out, every page followed, what it left undone asked again."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import stamina
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from config.aws import client
from ranking.stores import StoreUnavailable

#: Attributes by name: str, int (Decimal when read), list.
Item = Mapping[str, Any]

_to: Any = TypeSerializer()
_from: Any = TypeDeserializer()

#: What one BatchGetItem takes.
_KEYS_AT_ONCE = 100
#: An answer about our request, not about DynamoDB's or our credentials' state: a condition that did
#: not hold, which the caller knows what to do with, or a mistake of ours, which must be seen.
_ABOUT_THE_REQUEST = frozenset(
    {
        "ConditionalCheckFailedException",
        "TransactionCanceledException",
        "ResourceInUseException",
        "IdempotentParameterMismatchException",
        "ValidationException",
        "SerializationException",
    }
)
#: Why a transaction was cancelled, where the same may go through later.
_PASSING = frozenset(
    {
        "None",
        "ConditionalCheckFailed",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
    }
)
#: Somebody waits for these, and has the last good answer to fall back to.
_ASKED_FOR_A_READER = frozenset({"query", "batch_get_item", "get_item"})


class Busy(StoreUnavailable):
    """It answers, but has not done it now: somebody else is at the same items, or it has no room."""


#: Calls what it is given again, as long as that ends in Busy, for ten seconds; then Busy is raised.
patiently = stamina.RetryingCaller(
    attempts=None, timeout=10, wait_initial=0.02, wait_max=1.0, wait_jitter=0.1
).on(Busy)


@contextmanager
def answering() -> Iterator[None]:
    """Raises: StoreUnavailable, and ClientError where the answer is about the request."""
    try:
        yield
    except ClientError as exc:
        if exc.response["Error"]["Code"] in _ABOUT_THE_REQUEST:
            raise
        raise StoreUnavailable(str(exc)) from exc
    except ParamValidationError:
        raise
    except BotoCoreError as exc:  # no connection, no answer in time, no credentials
        raise StoreUnavailable(str(exc)) from exc


def ask(operation: str, **request: Any) -> dict[str, Any]:
    """DynamoDB's answer. Where a try is cut off, botocore repeats it with the same ClientRequestToken.

    Raises: as `answering`.
    """
    attempts = 2 if operation in _ASKED_FOR_A_READER else 5
    with answering():
        answer: dict[str, Any] = getattr(client("dynamodb", attempts=attempts), operation)(**request)
    return answer


def transact(actions: Sequence[Mapping[str, Any]]) -> None:
    """All of the actions, or none. Raises: Busy, and then a look at what is there may tell more; as `answering`."""
    try:
        ask("transact_write_items", TransactItems=actions)
    except ClientError as exc:
        reasons = {reason["Code"] for reason in exc.response.get("CancellationReasons", ())}
        if reasons and reasons <= _PASSING:
            raise Busy(", ".join(sorted(reasons))) from exc
        raise


def typed(item: Item) -> dict[str, Any]:
    """As DynamoDB wants it: {"period": {"S": "daily"}}."""
    return {name: _to.serialize(value) for name, value in item.items()}


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """`typed`, undone."""
    return {name: _from.deserialize(value) for name, value in item.items()}


def found(table: str, keys: Sequence[Item]) -> list[dict[str, Any]]:
    """Those of the items that exist, as last written, in no particular order; no key twice."""
    items: list[dict[str, Any]] = []
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        wanted = [typed(key) for key in keys[start : start + _KEYS_AT_ONCE]]

        def read() -> None:
            nonlocal wanted
            request = {table: {"Keys": wanted, "ConsistentRead": True}}
            answer = ask("batch_get_item", RequestItems=request)
            items.extend(map(plain, answer["Responses"].get(table, ())))
            if left := answer.get("UnprocessedKeys"):
                wanted = left[table]["Keys"]
                raise Busy(f"{len(wanted)} items of {table} were not read")

        patiently(read)
    return items


def pages(operation: str, **request: Any) -> Iterator[list[dict[str, Any]]]:
    """The items of a query or scan, page by page (of 1 MB at most)."""
    while True:
        answer = ask(operation, **request)
        yield [plain(item) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
