"""How DynamoDB's tables are made, and what is in them: spread, expiring, and nobody's name."""

import json
import socket
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config import aws
from ranking.recording import Choice, record
from ranking.selection import Count
from ranking.stores.dynamodb_calls import pages
from tests.ranking.conftest import forget_clients
from tests.ranking.items import TABLE, everything, kinds
from tests.ranking.submissions import NOON, SUNDAY, ids, make_submission

pytestmark = pytest.mark.skipif(
    settings.TEST_STACK != "embedded",
    reason="neither database nor cache takes part: TEST_STACK=embedded runs this",
)


# --- what is in the tables --------------------------------------------------------------------


def test_a_day_is_spread_over_its_partitions_and_so_is_a_country(dynamodb):
    for number in range(100):
        dynamodb.add(make_submission("JP", visitor=f"{number:032x}"))

    of_kind = kinds()
    shards = {f"{number:02d}" for number in range(8)}
    assert {item["selection_date"] for item in of_kind["selection"]} == {f"2026-11-22#{n}" for n in shards}
    assert {item["country_code"] for item in of_kind["selection"]} == {f"JP#{n}" for n in shards}
    assert {item["selection_date"] for item in of_kind["counts"]} == {
        f"2026-11-22#{n}#counts" for n in shards
    }
    assert {item["selection_date"] for item in of_kind["visits"]} == {
        f"2026-11-22#{n}#visits" for n in shards
    }
    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(100, 100)}}


def test_selections_are_in_the_published_keys(dynamodb):
    submission = make_submission("JP", visitor="0123456789abcdef0123456789abcdef")
    dynamodb.add(submission)

    [item] = kinds()["selection"]
    assert item["selection_date"].startswith("2026-11-22#")
    assert item["selection_timestamp_userid"] == (
        f"2026-11-22T03:00:00.000000Z#0123456789abcdef#{ids(submission)[0]}"
    )


def test_everything_but_the_counts_expires(dynamodb):
    dynamodb.add(make_submission("JP", idempotency="k", expires_at=NOON + timedelta(days=90)))

    expiries = {kind: [item.get("expires_at") for item in items] for kind, items in kinds().items()}
    noon = 1_795_316_400  # date -d 2026-11-22T03:00:00Z +%s
    in_90_days, in_3_days = noon + 90 * 86_400, noon + 3 * 86_400
    assert expiries == {
        "selection": [in_90_days],
        "idempotency": [in_90_days],
        "visits": [in_3_days],
        "counts": [None],
    }
    answer = aws.client("dynamodb").describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    assert (answer["TimeToLiveStatus"], answer["AttributeName"]) == ("ENABLED", "expires_at")


@pytest.mark.django_db
def test_nothing_that_names_a_person_is_readable(dynamodb, settings):
    settings.SELECTION_STORE = "dynamodb"
    choice = Choice(
        countries=("JP",),
        user_id="hong@example.com",
        session_id="session-4711",
        address="198.51.100.77",
        agent="Mozilla/5.0",
        idempotency_key="key-0815",
    )

    record(choice, now=datetime.now(UTC))

    of_kind = kinds()
    assert {kind: len(items) for kind, items in of_kind.items()} == {
        "selection": 1,
        "counts": 1,
        "visits": 1,
        "idempotency": 1,
    }
    text = json.dumps(everything(), default=str)
    for secret in ("hong", "4711", "198.51", "Mozilla", "0815"):
        assert secret not in text


def test_the_index_tells_no_more_than_the_choice(dynamodb):
    dynamodb.add(make_submission("JP", idempotency="k"))

    [page] = pages("scan", TableName=TABLE, IndexName="country-date-index")

    assert [sorted(item) for item in page] == [
        ["country_code", "expires_at", "selection_date", "selection_timestamp_userid"]
    ]


def test_nothing_is_deleted_by_us(dynamodb):
    dynamodb.add(make_submission("JP", expires_at=datetime(2020, 1, 1, tzinfo=UTC)))

    assert dynamodb.expire(NOON) == 0
    assert len(kinds()["selection"]) == 1


# --- tables -----------------------------------------------------------------------------------


def run() -> list[str]:
    told = StringIO()
    call_command("create_tables", stdout=told)
    return told.getvalue().splitlines()


def test_missing_tables_are_made_and_the_others_left_alone(dynamodb, settings):
    settings.SELECTION_STORE = "dynamodb"
    dynamodb.write("daily", {"total": 1}, expected=0)
    aws.client("dynamodb").delete_table(TableName=TABLE)

    first, second = run(), run()

    assert first == [f"{TABLE}: made", "RankingResults: was there already"]
    assert second == [f"{TABLE}: was there already", "RankingResults: was there already"]
    assert dynamodb.documents(["daily"])["daily"].body == {"total": 1}
    dynamodb.add(make_submission("JP"))
    assert dynamodb.counts([SUNDAY]) == {SUNDAY: {"JP": Count(1, 1)}}


def test_tables_are_told_to_forget_where_making_them_was_interrupted(dynamodb):
    client = aws.client("dynamodb")
    off = {"Enabled": False, "AttributeName": "expires_at"}
    client.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=off)

    assert dynamodb.create_tables() == []

    status = client.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]["TimeToLiveStatus"]
    assert status == "ENABLED"


def test_where_the_database_is_the_store_migrate_makes_its_tables():
    [told] = run()

    assert "`manage.py migrate`" in told


def test_an_operator_is_told_that_dynamodb_does_not_answer(dynamodb, settings):
    settings.SELECTION_STORE = "dynamodb"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.AWS_ENDPOINT_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        forget_clients()

        with pytest.raises(CommandError, match="DynamoDB: Could not connect"):
            run()
