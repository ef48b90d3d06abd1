"""What is missing from DynamoDB's tables comes back and is counted, while they are used: moto over HTTP.

moto restores a table as it is when it is asked to; so the damage in these tests comes after that.
"""

import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config import aws
from deploy.restore import counting, selections, tables
from deploy.restore.__main__ import main
from deploy.restore.moment import Refused
from ranking.selection import Count
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb import DynamoStore
from ranking.stores.dynamodb_calls import ask, plain, typed
from ranking.stores.dynamodb_tables import RESULTS, SELECTIONS
from ranking.tally import tally
from ranking.window import seoul_day
from tests import aws_server
from tests.ranking.submissions import NOON, SUNDAY, ids, make_submission


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with aws_server.running() as running:
        yield running


@pytest.fixture
def store(address: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[DynamoStore]:
    """On empty tables that can be restored, with two shards."""
    for name, value in aws_server.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    urllib.request.urlopen(f"{address}/moto-api/reset", data=b"").close()  # noqa: S310 - our own server
    settings.AWS_ENDPOINT_URL, settings.SELECTION_SHARDS = address, 2
    aws.client.cache_clear()
    made = DynamoStore()
    made.create_tables()
    for table in tables.TABLES:
        ask(
            "update_continuous_backups",
            TableName=table,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
    yield made
    aws.client.cache_clear()


def restored() -> datetime:
    """The moment, of which there are tables beside now."""
    at = datetime.now(UTC)
    for table in tables.TABLES:
        tables.beside(aws.client("dynamodb"), table, at)
    return at


def adopt(at: datetime) -> selections.Adopted:
    return selections.adopt(at, now=datetime.now(UTC))


def items(part: str = "") -> list[dict[str, Any]]:
    found = [plain(item) for item in ask("scan", TableName=SELECTIONS)["Items"]]
    return [item for item in found if part in item["selection_date"]]


def lose(part: str = "") -> int:
    """Items whose partition has this in its name are gone; how many."""
    lost = items(part)
    for item in lost:
        ask("delete_item", TableName=SELECTIONS, Key=typed(keys.key_of(item)))
    return len(lost)


def of_today(*countries: str, **overrides: Any) -> Any:
    now = datetime.now(UTC)
    return make_submission(*countries, selected_at=now, day=seoul_day(now), **overrides)


def test_everything_that_is_lost_comes_back_and_what_came_since_stays(store):
    before = make_submission("JP", "VN", idempotency="a" * 32)
    store.add(before)
    at = restored()
    assert lose() == 7  # two selections, visits and counters each, and the request
    since = make_submission("JP", visitor="b" * 32)
    store.add(since)

    adopted = adopt(at)

    # Not the visits: nobody is counted for that day any more.
    assert adopted.returned == {"selections": 2, "requests": 1, "results": 0}
    assert adopted.differing == []
    assert store.counts([SUNDAY]) == {SUNDAY: {"JP": Count(2, 2), "VN": Count(1, 1)}}
    stored = {one.selection_id for one in store.selections(SUNDAY)}
    assert stored == {*ids(before), *ids(since)}
    again = make_submission("JP", "VN", idempotency="a" * 32)
    assert store.add(again).selection_ids == ids(before)


def test_selections_that_are_gone_while_their_counts_are_not_are_not_counted_twice(store):
    store.add(make_submission("JP"))
    at = restored()
    assert lose("#0") == 3
    store.add(make_submission("JP"))  # the same visitor, whom nobody remembers
    item, *_ = items("#counts")
    ask("put_item", TableName=SELECTIONS, Item=typed({**item, "selections": 7, "visitors": 5}))

    adopt(at)

    assert store.counts([SUNDAY]) == {SUNDAY: {"JP": Count(2, 1)}}


def test_the_command_says_what_it_put_back_and_what_is_left_to_do(store, address, monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    store.add(make_submission("JP"))
    at = restored()
    lose()

    ended = main(["dynamodb", "--at", at.isoformat(), "--adopt"])

    told = capsys.readouterr().out
    assert ended == 0
    assert "1 counters corrected." in told
    assert f"aws dynamodb delete-table --table-name {tables.side_name(SELECTIONS, at)}" in told
    assert store.counts([SUNDAY]) == {SUNDAY: {"JP": Count(1, 1)}}


def test_it_can_be_run_again_and_then_does_nothing(store):
    store.add(make_submission("JP"))
    at = restored()
    lose()
    adopt(at)
    whole = items()

    again = adopt(at)

    assert (again.returned, again.corrected, items()) == ({"results": 0}, 0, whole)


def test_what_is_there_stays_as_it_is(store):
    store.add(make_submission("JP", key_id="first-key"))
    at = restored()
    [there] = [item for item in items() if "user" in item]
    ask("put_item", TableName=SELECTIONS, Item=typed({**there, "key_id": "second-key"}))

    adopt(at)

    assert [item["key_id"] for item in items() if "user" in item] == ["second-key"]


def test_what_has_expired_since_stays_forgotten_and_keeps_its_counts(store):
    long_ago = NOON - timedelta(days=365)
    store.add(
        make_submission(
            "JP", selected_at=long_ago, day=seoul_day(long_ago), expires_at=NOON - timedelta(days=275)
        )
    )
    at = restored()
    lose()

    adopted = adopt(at)

    assert adopted.returned == {"results": 0}
    assert store.counts([seoul_day(long_ago)]) == {seoul_day(long_ago): {"JP": Count(1, 1)}}
    assert [item for item in items() if "user" in item] == []


def test_who_has_been_counted_today_is_not_counted_again_afterwards(store):
    store.add(of_today("JP"))
    at = restored()
    store.add(of_today("VN"))
    assert lose("#visits") == 2  # one of which is younger than the moment

    adopt(at)
    store.add(of_today("JP", "VN"))

    assert store.counts([seoul_day(datetime.now(UTC))]) == {
        seoul_day(datetime.now(UTC)): {"JP": Count(2, 1), "VN": Count(2, 1)}
    }


def test_a_selection_that_arrives_while_its_day_is_counted_is_counted_once(store):
    store.add(of_today("JP"))
    at = restored()
    lose("#counts")
    late = [of_today("JP", visitor="b" * 32), of_today("JP", visitor="c" * 32)]

    are_counters_read = False

    def arrive(params: Any, **_: Any) -> None:
        nonlocal are_counters_read
        if params["ExpressionAttributeValues"][":partition"]["S"].endswith("#counts"):
            are_counters_read = True
        elif are_counters_read and late:
            store.add(late.pop())

    # Readers, of whom counting is one, have a client of their own: it asks, and somebody else is faster.
    events = aws.client("dynamodb", attempts=2).meta.events
    events.register("provide-client-params.dynamodb.Query", arrive)
    adopted = adopt(at)

    assert (late, adopted.differing) == ([], [])
    assert store.counts([seoul_day(datetime.now(UTC))]) == {seoul_day(datetime.now(UTC)): {"JP": Count(3, 3)}}


def test_a_counter_that_has_moved_since_it_was_read_is_not_set_back(store):
    first = make_submission("JP")
    store.add(first)
    place = (keys.counts(SUNDAY, keys.shard(first)), "JP")
    store.add(make_submission("JP", visitor="b" * 32))

    assert not counting._correct(place, Count(7, 7), Count(1, 1))
    assert not counting._correct(place, None, Count(1, 1))

    assert store.counts([SUNDAY]) == {SUNDAY: {"JP": Count(2, 2)}}


def test_a_day_that_was_sealed_with_what_was_left_of_it_is_sealed_anew(store):
    day = seoul_day(datetime.now(UTC)) - timedelta(days=3)
    noon = datetime.combine(day, NOON.timetz())
    store.add(make_submission("JP", selected_at=noon, day=day))
    at = restored()
    lose()
    assert tally(store, [day], today=day + timedelta(days=3)) == {day: {}}

    adopt(at)

    assert tally(store, [day], today=day + timedelta(days=3)) == {day: {"JP": Count(1, 1)}}


def test_rankings_that_are_missing_come_back_and_newer_ones_stay(store):
    store.write("daily", {"of": "then"}, expected=0)
    store.write("excluded", {"of": "then"}, expected=0)
    at = restored()
    store.write("daily", {"of": "now"}, expected=1)
    ask("delete_item", TableName=RESULTS, Key=typed({"period": "excluded"}))

    assert adopt(at).returned == {"results": 1}

    assert {name: one.body["of"] for name, one in store.documents(["daily", "excluded"]).items()} == {
        "daily": "now",
        "excluded": "then",
    }


def test_too_few_shards_are_refused_before_anything_is_counted(store, settings):
    settings.SELECTION_SHARDS = 1000
    store.add(make_submission("JP"))
    at = restored()
    counters = items("#counts")
    settings.SELECTION_SHARDS = 2

    with pytest.raises(Refused, match=r"set SELECTION_SHARDS as the service has it, to \d+ or more"):
        adopt(at)

    assert items("#counts") == counters


def test_a_moment_outside_the_window_is_refused_with_the_window(store):
    with pytest.raises(Refused, match=r"2020-01-01 00:00:00 UTC is outside what can be restored, 20\d\d-"):
        tables.beside(aws.client("dynamodb"), SELECTIONS, datetime(2020, 1, 1, tzinfo=UTC))


def test_the_table_beside_forgets_and_is_tagged_as_the_other(store):
    arn = ask("describe_table", TableName=SELECTIONS)["Table"]["TableArn"]
    ask("tag_resource", ResourceArn=arn, Tags=[{"Key": "Project", "Value": "currency-service"}])
    side = tables.side_name(SELECTIONS, restored())

    told = ask("describe_time_to_live", TableName=side)["TimeToLiveDescription"]
    side_arn = ask("describe_table", TableName=side)["Table"]["TableArn"]

    assert (told["TimeToLiveStatus"], told["AttributeName"]) == ("ENABLED", "expires_at")
    assert ask("list_tags_of_resource", ResourceArn=side_arn)["Tags"] == [
        {"Key": "Project", "Value": "currency-service"}
    ]


def test_a_table_that_is_gone_is_told_with_the_way_to_bring_it_back(store):
    ask("delete_table", TableName=SELECTIONS)

    with pytest.raises(Refused, match="restore-table-from-backup --target-table-name travel_destination"):
        tables.beside(aws.client("dynamodb"), SELECTIONS, datetime.now(UTC))
