"""What DynamoDB does on a bad day: half answers, throttling, collisions, lost answers, silence."""

import socket
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.conf import settings

from config import aws
from ranking.selection import Count
from ranking.stores import StoreUnavailable
from ranking.stores.dynamodb import DynamoStore
from tests.ranking.between import (
    Answer,
    Between,
    Body,
    Treatment,
    cut_after,
    passed_on,
    refused,
    standing_between,
)
from tests.ranking.conftest import forget_clients
from tests.ranking.items import TABLE, everything, kinds
from tests.ranking.submissions import SUNDAY, ids, make_submission

pytestmark = pytest.mark.skipif(
    settings.TEST_STACK != "embedded",
    reason="neither database nor cache takes part: TEST_STACK=embedded runs this",
)


@pytest.fixture
def between(dynamodb: DynamoStore, aws_address: str, settings: Any) -> Iterator[Between]:
    """Somebody through whom everything goes from here on."""
    with standing_between(aws_address) as (address, somebody):
        settings.AWS_ENDPOINT_URL = address
        forget_clients()
        yield somebody
        forget_clients()


# --- half answers -----------------------------------------------------------------------------


def test_every_page_is_read(between, dynamodb, settings):
    settings.SELECTION_SHARDS = 1
    # A page ends at 1 MB: three of these to a page.
    for _ in range(7):
        dynamodb.add(make_submission("JP", referrer="r" * 300_000))

    assert len(list(dynamodb.selections(SUNDAY))) == 7
    assert len(between.seen["Query"]) == 3
    assert sum(dynamodb.reencrypt(str.upper, "second-key", 2)) == 7
    assert len(between.seen["Scan"]) == 3


def half(request: Body, pass_on: Callable[[Body], Answer]) -> Answer:
    """DynamoDB under load: some keys are read, the others handed back."""
    [(table, asked)] = request["RequestItems"].items()
    middle = len(asked["Keys"]) // 2
    status, answer = pass_on({"RequestItems": {table: {**asked, "Keys": asked["Keys"][:middle]}}})
    return status, answer | {"UnprocessedKeys": {table: {**asked, "Keys": asked["Keys"][middle:]}}}


def test_keys_that_were_not_processed_are_asked_again(between, dynamodb):
    names = [f"day#{number}" for number in range(4)]
    for name in names:
        dynamodb.write(name, {}, expected=0)
    between.treatments["BatchGetItem"].extend([half, half])

    found = dynamodb.documents(names)

    assert sorted(found) == names
    asked = [
        len(request["RequestItems"]["RankingResults"]["Keys"]) for request in between.seen["BatchGetItem"]
    ]
    assert asked == [4, 2, 1]


def test_keys_that_are_never_processed_are_no_answer(between, dynamodb, hurried):
    between.always["BatchGetItem"] = lambda request, pass_on: (
        200,
        {"Responses": {}, "UnprocessedKeys": request["RequestItems"]},
    )

    with pytest.raises(StoreUnavailable):
        dynamodb.documents(["daily"])


# --- throttling and collisions ----------------------------------------------------------------


def cancelled(*codes: str) -> Treatment:
    return refused("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_was_cancelled_for_a_passing_reason_is_tried_again(between, dynamodb, code):
    between.treatments["TransactWriteItems"].extend([cancelled("None", code, "None")] * 3)

    receipt = dynamodb.add(make_submission("JP"))

    assert receipt.is_replay is False
    assert len(between.seen["TransactWriteItems"]) == 4
    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(1, 1)}}


def test_a_transaction_that_never_goes_through_stores_nothing(between, dynamodb, hurried):
    between.always["TransactWriteItems"] = cancelled("None", "TransactionConflict", "None")

    with pytest.raises(StoreUnavailable, match="TransactionConflict"):
        dynamodb.add(make_submission("JP"))

    assert everything() == []


def test_a_transaction_that_is_wrong_is_seen_and_not_repeated(between, dynamodb):
    between.always["TransactWriteItems"] = cancelled("None", "ValidationError", "None")

    with pytest.raises(ClientError, match="TransactionCanceledException"):
        dynamodb.add(make_submission("JP"))

    assert len(between.seen["TransactWriteItems"]) == 1


def test_a_question_that_is_wrong_is_seen(dynamodb):
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.write("", {}, expected=0)


def test_a_throttled_question_is_asked_again(between, dynamodb):
    dynamodb.write("daily", {"total": 1}, expected=0)
    between.treatments["BatchGetItem"].append(refused("ProvisionedThroughputExceededException"))

    assert dynamodb.documents(["daily"])["daily"].body == {"total": 1}


def test_what_another_request_did_in_between_is_found_the_second_time(between, dynamodb):
    """The other one commits after we have read that nothing is there, and before we write."""
    first = make_submission("JP", idempotency="k")

    def overtaken(request: Body, pass_on: Callable[[Body], Answer]) -> Answer:
        dynamodb.add(first)
        return pass_on(request)

    between.treatments["TransactWriteItems"].append(overtaken)

    receipt = dynamodb.add(make_submission("JP", idempotency="k"))

    assert (receipt.selection_ids, receipt.is_replay) == (ids(first), True)
    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(1, 1)}}


def test_a_visitor_whom_another_request_counted_in_between_is_not_counted_again(between, dynamodb):
    def overtaken(request: Body, pass_on: Callable[[Body], Answer]) -> Answer:
        dynamodb.add(make_submission("JP"))
        return pass_on(request)

    between.treatments["TransactWriteItems"].append(overtaken)

    dynamodb.add(make_submission("JP", "US"))

    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(2, 1), "US": Count(1, 1)}}


def test_a_selection_that_expires_while_it_is_encrypted_again_stays_away(between, dynamodb):
    dynamodb.add(make_submission("JP"))

    def too_late(request: Body, pass_on: Callable[[Body], Answer]) -> Answer:
        aws.client("dynamodb").delete_item(TableName=TABLE, Key=request["Key"])
        return pass_on(request)

    between.treatments["UpdateItem"].append(too_late)

    assert sum(dynamodb.reencrypt(str.upper, "second-key", 10)) == 0
    assert "selection" not in kinds()


# --- answers that are lost --------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "k"])
def test_a_selection_whose_answer_was_lost_counts_once(between, dynamodb, key):
    between.treatments["TransactWriteItems"].append(cut_after)
    submission = make_submission("JP", "US", idempotency=key)

    receipt = dynamodb.add(submission)

    assert (receipt.selection_ids, receipt.is_replay) == (ids(submission), False)
    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(1, 1), "US": Count(1, 1)}}
    assert len(list(dynamodb.selections(SUNDAY))) == 2
    # AWS tells by the token, which moto knows nothing of, that it has done this already.
    [first, second] = [request["ClientRequestToken"] for request in between.seen["TransactWriteItems"]]
    assert first == second


def test_a_document_whose_answer_was_lost_is_written(between, dynamodb):
    between.treatments["PutItem"].append(cut_after)

    assert dynamodb.write("daily", {"total": 1}, expected=0) is True

    assert len(between.seen["PutItem"]) == 2
    assert dynamodb.documents(["daily"])["daily"].version == 1


def test_all_at_once_over_a_bad_line_count_exactly(between, dynamodb):
    """Of 100 transactions and their retries every third is cancelled, and every seventh's answer lost."""
    numbers = count(1)

    def bad_line(request: Body, pass_on: Callable[[Body], Answer]) -> Answer | None:
        number = next(numbers)
        treatment: Treatment = passed_on
        if number % 3 == 0:
            treatment = cancelled("None", "TransactionConflict", "None")
        elif number % 7 == 0:
            treatment = cut_after
        return treatment(request, pass_on)

    between.always["TransactWriteItems"] = bad_line

    def select(thread: int) -> None:
        for number in range(10):
            visitor = f"{thread}-{number}"
            dynamodb.add(make_submission("JP", visitor=visitor))
        dynamodb.add(make_submission("JP", visitor="shared", idempotency="k"))

    with ThreadPoolExecutor(10) as threads:
        assert len(list(threads.map(select, range(10)))) == 10

    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(101, 101)}}
    assert len(list(dynamodb.selections(SUNDAY))) == 101


# --- no answer at all -------------------------------------------------------------------------


CALLS: dict[str, Callable[[DynamoStore], object]] = {
    "add": lambda kept: kept.add(make_submission("JP")),
    "counts": lambda kept: kept.counts([SUNDAY]),
    "selections": lambda kept: list(kept.selections(SUNDAY)),
    "documents": lambda kept: kept.documents(["daily"]),
    "write": lambda kept: kept.write("daily", {}, expected=0),
    "reencrypt": lambda kept: list(kept.reencrypt(str.upper, "second-key", 10)),
    "create_tables": lambda kept: kept.create_tables(),
    "ping": lambda kept: kept.ping(),
}


def raised(kept: DynamoStore, calls: Mapping[str, Callable[[DynamoStore], object]]) -> dict[str, str]:
    """What each call raises; all at once, because each of them waits."""

    def ask(call: Callable[[DynamoStore], object]) -> str:
        try:
            call(kept)
        except Exception as exc:  # noqa: BLE001 - whatever it is, is the finding
            return type(exc).__name__
        return "nothing"

    with ThreadPoolExecutor(len(calls)) as threads:
        return dict(zip(calls, threads.map(ask, calls.values()), strict=True))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "_PATIENCE", aws._PATIENCE.merge(Config(connect_timeout=0.2, read_timeout=0.2)))


def test_a_store_that_is_not_there_says_so(dynamodb, settings, aws_address):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening
        settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        forget_clients()

        answers = raised(dynamodb, CALLS)

    assert answers == dict.fromkeys(CALLS, "StoreUnavailable")
    settings.AWS_ENDPOINT_URL = aws_address
    forget_clients()
    assert everything() == []


def test_a_store_that_keeps_silent_says_so(dynamodb, settings, aws_address, impatient):
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        forget_clients()

        answers = raised(dynamodb, CALLS)

    assert answers == dict.fromkeys(CALLS, "StoreUnavailable")
    settings.AWS_ENDPOINT_URL = aws_address
    forget_clients()
    assert everything() == []


def test_tables_that_are_missing_are_no_answer(dynamodb):
    for name in (TABLE, "RankingResults"):
        aws.client("dynamodb").delete_table(TableName=name)

    calls = {name: call for name, call in CALLS.items() if name != "create_tables"}
    assert raised(dynamodb, calls) == dict.fromkeys(calls, "StoreUnavailable")
