"""Events of selections and rankings in either store: with what they tell of, or not at all."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from confluent_kafka import KafkaError
from django.conf import settings as django_settings
from django.db import DatabaseError

from config.events import outbox, relay
from config.events.event import event
from config.events.outbox import Rows
from ranking.stores import KeyReused, StoreUnavailable
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_outbox import DynamoOutbox
from tests.events.conftest import kafka, stream
from tests.events.mock_kafka import by_key
from tests.ranking.between import cut_after, passed_on, refused, standing_between
from tests.ranking.conftest import forget_clients
from tests.ranking.items import everything
from tests.ranking.submissions import ids, make_submission

__all__ = ["kafka", "stream"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stream")]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
embedded = pytest.mark.skipif(
    django_settings.TEST_STACK != "embedded", reason="DynamoDB alone: TEST_STACK=embedded runs this"
)


def waiting(kept) -> list[Any]:
    return (kept.outbox or Rows()).oldest(1_000)


def told(kept) -> list[tuple[str, bool]]:
    """(country, whether the visitor is new) of what waits, by country."""
    bodies = [json.loads(entry.event.body) for entry in waiting(kept)]
    return sorted((body["country_code"], body["is_new_visitor"]) for body in bodies)


def computed(version: int) -> Any:
    return (event("ranking.computed", key="daily", data={"version": each}) for each in [version])


# --- both -------------------------------------------------------------------------------------


def test_a_selection_waits_to_be_told_with_its_counts(kept):
    kept.add(make_submission("JP", "US"))
    kept.add(make_submission("JP"))

    assert told(kept) == [("JP", False), ("JP", True), ("US", True)]


def test_twenty_countries_of_a_request_are_all_told_of(kept):
    countries = [first + second for first in "ABCD" for second in "ABCDE"]

    kept.add(make_submission(*countries, idempotency="k"))

    assert told(kept) == [(country, True) for country in sorted(countries)]


def test_a_retry_is_not_told_again(kept):
    kept.add(make_submission("JP", idempotency="k"))
    kept.add(make_submission("JP", idempotency="k"))
    with pytest.raises(KeyReused):
        kept.add(make_submission("US", idempotency="k", fingerprint="of another request"))

    assert told(kept) == [("JP", True)]


def test_what_could_not_be_stored_is_not_told(kept, hurried, settings):
    settings.SELECTION_SHARDS = 1
    there = make_submission("JP")
    kept.add(there)

    # Its second selection cannot be stored: the id is taken.
    us, _ = make_submission("US", "DE").choices
    with pytest.raises((StoreUnavailable, DatabaseError)):
        kept.add(make_submission(choices=(us, (ids(there)[0], "DE"))))

    assert told(kept) == [("JP", True)]


def test_without_kafka_nothing_waits(kept, settings):
    settings.KAFKA_BOOTSTRAP_SERVERS = ""

    kept.add(make_submission("JP"))
    kept.write("daily", {}, expected=0, telling=computed(1))

    assert waiting(kept) == []


def test_a_document_waits_to_be_told_where_it_was_written_and_only_there(kept):
    assert kept.write("daily", {"by": "first"}, expected=0, telling=computed(1)) is True
    assert kept.write("daily", {"by": "second"}, expected=0, telling=computed(1)) is False
    assert kept.write("daily", {"by": "third"}, expected=7, telling=computed(8)) is False
    assert kept.write("daily", {"by": "fourth"}, expected=1, telling=computed(2)) is True
    assert kept.write("day#2026-11-20", {}, expected=0) is True

    assert [json.loads(entry.event.body)["version"] for entry in waiting(kept)] == [1, 2]
    document = kept.documents(["daily"])["daily"]
    assert (document.version, document.body) == (2, {"by": "fourth"})


def test_what_is_told_is_forgotten_and_the_rest_is_not(kept):
    for country in ("JP", "US", "DE"):
        kept.add(make_submission(country))
    kept.write("daily", {}, expected=0, telling=computed(1))
    box = kept.outbox or Rows()
    entries = waiting(kept)
    gone = [entry for entry in entries if entry.event.key in {"JP", "daily"}]

    box.forget(gone)
    box.forget(gone)

    assert sorted(entry.event.key for entry in waiting(kept)) == ["DE", "US"]
    tally = box.tally()
    assert (tally.count, tally.oldest) == (2, min(entry.event.occurred_at for entry in waiting(kept)))


def test_the_relay_brings_both_kinds_to_kafka(kept, kafka, settings):
    settings.SELECTION_STORE = "sql" if kept.name == "database" else "dynamodb"
    for country in ("JP", "US", "JP"):
        kept.add(make_submission(country))
    for version in range(1, 13):
        kept.write("daily", {}, expected=version - 1, telling=computed(version))
    sent = {entry.event.id for entry in waiting(kept)}

    done = relay.run(now=NOW)

    messages = kafka.messages("currency.selections", "currency.rankings")
    assert done == relay.Relayed(published=15, is_complete=True)
    assert {one.id for one in messages} == sent
    keyed = by_key(messages)
    assert {key: len(several) for key, several in keyed.items()} == {"JP": 2, "US": 1, "daily": 12}
    assert [json.loads(one.value)["version"] for one in keyed["daily"]] == list(range(1, 13))
    assert waiting(kept) == []
    assert outbox.waiting(NOW).count == 0


# --- DynamoDB ---------------------------------------------------------------------------------


@embedded
def test_what_is_stuck_in_the_database_does_not_hold_up_dynamodb(dynamodb, kafka, settings):
    settings.SELECTION_STORE = "dynamodb"
    outbox.record([event("rates.published", key="ecb:USD/KRW", data={})])
    dynamodb.add(make_submission("JP"))
    kafka.answer_produce(KafkaError.TOPIC_AUTHORIZATION_FAILED)

    done = relay.run(now=NOW)

    assert done == relay.Relayed(published=1, is_complete=False)
    assert [one.key for one in kafka.messages("currency.rates", "currency.selections")] == ["JP"]
    assert [entry.event.key for entry in Rows().oldest(10)] == ["ecb:USD/KRW"]


@embedded
def test_a_batch_takes_nothing_that_may_have_an_older_one_elsewhere(dynamodb, settings):
    settings.SELECTION_SHARDS = 2
    for _ in range(8):
        dynamodb.add(make_submission("JP", "US", "DE"))
    every = sorted(entry.event.id for entry in waiting(dynamodb))
    box = DynamoOutbox()

    read: list[str] = []
    while batch := box.oldest(5):
        assert 1 <= len(batch) <= 5
        read += [entry.event.id for entry in batch]
        box.forget(batch)

    assert len(read) == 24
    assert read == every


@embedded
def test_events_have_no_personal_attribute_and_are_in_no_index(dynamodb):
    dynamodb.add(make_submission("JP", user="who", session="where"))

    [item] = [item for item in everything() if item["selection_date"].startswith("outbox#")]
    assert item.keys() == {
        "selection_date",
        "selection_timestamp_userid",
        "event_id",
        "type",
        "schema_version",
        "key",
        "occurred_at",
        "body",
    }


@pytest.fixture
def between(dynamodb, aws_address, settings):
    """Somebody through whom everything goes from here on."""
    with standing_between(aws_address) as (address, somebody):
        settings.AWS_ENDPOINT_URL = address
        forget_clients()
        yield somebody
        forget_clients()


@embedded
def test_a_document_whose_answer_was_lost_is_written_and_told_once(between, dynamodb):
    between.treatments["TransactWriteItems"].append(cut_after)

    assert dynamodb.write("daily", {"by": "us"}, expected=0, telling=computed(1)) is True

    assert len(waiting(dynamodb)) == 1
    assert len(between.seen["TransactWriteItems"]) >= 2


@embedded
def test_a_document_that_somebody_else_is_at_is_written_when_he_is_done(between, dynamodb):
    conflict = refused("TransactionCanceledException", CancellationReasons=[{"Code": "TransactionConflict"}])
    between.treatments["TransactWriteItems"].extend([conflict, conflict])

    assert dynamodb.write("daily", {"by": "us"}, expected=0, telling=computed(1)) is True

    assert [entry.place for entry in waiting(dynamodb)] == [keys.waiting_ranking("daily", 1)]


@embedded
def test_events_that_were_not_deleted_are_deleted_again(between, dynamodb):
    countries = [first + second for first in "ABC" for second in "ABCDEFGHI"]
    dynamodb.add(make_submission(*countries[:20]))
    dynamodb.add(make_submission(*countries[20:]))

    def half(request, pass_on):
        [(table, asked)] = request["RequestItems"].items()
        middle = len(asked) // 2
        status, answer = pass_on({"RequestItems": {table: asked[:middle]}})
        return status, answer | {"UnprocessedItems": {table: asked[middle:]}}

    between.treatments["BatchWriteItem"].extend([half, passed_on])

    DynamoOutbox().forget(waiting(dynamodb))

    assert waiting(dynamodb) == []
    assert [
        len(request["RequestItems"]["travel_destination_selections"])
        for request in between.seen["BatchWriteItem"]
    ] == [25, 13, 2]
