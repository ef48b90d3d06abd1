"""What is noted down when something changes: in its transaction, by its schema, and nothing of persons."""

import json
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config.events.event import TYPES, event
from config.events.outbox import Rows
from config.events.tables import WaitingEvent
from currency import overrides
from ingestor.recording import write
from ranking import recording
from ranking.demo import made_up, seed
from ranking.models import Selection
from ranking.recalculation import recalculate
from ranking.recording import Choice
from ranking.stores import store
from ranking.window import seoul_day
from tests.aws_server import ROOT
from tests.events.schemas import FOLDER, complaints
from tests.factories import make_latest
from tests.ingestor.observations import FRIDAY, days_before, observation, sourced
from tests.ranking.submissions import make_submission
from tests.tasks.stage import environment

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CHOICE = Choice(
    countries=("JP", "US"),
    user_id="kim@example.com",
    session_id="session-17",
    referrer="https://shop.example/cart",
    address="192.0.2.77",
    agent="Firefox/145",
    idempotency_key="key-4711",
)


def noted():
    """[(type, key, what it says)], oldest first."""
    events = [entry.event for entry in Rows().oldest(1_000)]
    assert [complaints(one) for one in events] == [[] for _ in events]
    return [(one.type, one.key, json.loads(one.body)) for one in events]


def rates(*observations):
    with transaction.atomic():
        write("ecos", sourced(*observations))


def put(why="the feed is wrong", *, instead_of=None):
    operator, _ = User.objects.get_or_create(username="hong")
    return overrides.put(
        code="USD",
        rate=Decimal("1400.50"),
        why=why,
        expires_at=NOW + timedelta(days=1),
        by=operator,
        now=NOW,
        instead_of=instead_of,
    )


# --- rates ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stream")
def test_a_published_rate_is_told_to_its_last_digit():
    rates(observation("8.83570", code="JPY", tts="8.9232", ttb="8.7482"))

    assert noted() == [
        (
            "rates.published",
            "ecos:JPY/KRW",
            {
                "provider": "ecos",
                "base": "JPY",
                "quote": "KRW",
                "rates": [
                    {
                        "rate_date": "2026-10-30",
                        "recorded_at": "2026-10-29T23:30:00Z",
                        "revision": 0,
                        "deal_base_rate": "8.8357",
                        "tts": "8.9232",
                        "ttb": "8.7482",
                        "published": {"base": "JPY", "quote": "KRW", "unit": 1, "rate": "8.83570"},
                    }
                ],
            },
        )
    ]


@pytest.mark.usefixtures("stream")
def test_a_correction_is_told_as_one_and_what_is_known_already_is_not_told():
    rates(observation("1336.1"))
    rates(observation("1336.1"))
    rates(observation("1336.2"))

    told = [
        (kind, key, [(one["revision"], one["deal_base_rate"]) for one in body["rates"]])
        for kind, key, body in noted()
    ]
    assert told == [
        ("rates.published", "ecos:USD/KRW", [(0, "1336.1")]),
        ("rates.corrected", "ecos:USD/KRW", [(1, "1336.2")]),
    ]


@pytest.mark.usefixtures("stream")
def test_a_year_of_history_is_a_few_events_in_its_order():
    days = days_before(FRIDAY, 450)
    rates(*(observation("1336.1", day=day) for day in reversed(days)))

    told = [[one["rate_date"] for one in body["rates"]] for _, _, body in noted()]
    assert [len(batch) for batch in told] == [200, 200, 50]
    assert [day for batch in told for day in batch] == [day.isoformat() for day in days]


@pytest.mark.usefixtures("stream")
def test_a_rate_that_operators_set_is_told_without_who_and_why():
    make_latest()
    first = put()
    put(instead_of=first.pk, why="wrong again")

    whole = {
        "base": "USD",
        "quote": "KRW",
        "deal_base_rate": "1400.5",
        "set_at": "2026-11-22T03:00:00Z",
        "expires_at": "2026-11-23T03:00:00Z",
    }
    key = "operator:USD/KRW"
    assert noted() == [
        ("rates.overridden", key, {**whole, "state": "set", "ended_at": None}),
        ("rates.overridden", key, {**whole, "state": "ended", "ended_at": "2026-11-22T03:00:00Z"}),
        ("rates.overridden", key, {**whole, "state": "set", "ended_at": None}),
    ]


# --- selections and rankings ------------------------------------------------------------------


@pytest.mark.usefixtures("stream")
def test_a_selection_is_told_for_each_country_and_nothing_leads_to_who_made_it():
    with time_machine.travel(NOW, tick=False):
        recording.record(CHOICE, now=NOW)
        recording.record(replace(CHOICE, idempotency_key="another"), now=NOW)

    told = [entry for entry in noted() if entry[0] == "selection.recorded"]
    whole = {"selected_at": "2026-11-22T03:00:00Z", "day": "2026-11-22"}
    assert told == [
        ("selection.recorded", code, {"country_code": code, **whole, "is_new_visitor": is_new})
        for is_new in (True, False)
        for code in ("JP", "US")
    ]
    everything = json.dumps(list(WaitingEvent.objects.values()), default=str)
    row = Selection.objects.values()[0]
    hidden = {"kim@example.com", "session-17", "shop.example", "192.0.2.77", "Firefox", "key-4711"}
    hidden |= {row[name] for name in ("id", "visitor", "address_hash", "agent_hash", "user", "session")}
    assert len(hidden) == 12
    assert [secret for secret in hidden if secret in everything] == []


@pytest.mark.usefixtures("stream")
def test_a_ranking_is_told_whole_with_the_version_that_is_kept():
    with time_machine.travel(NOW, tick=False):
        recording.record(CHOICE, now=NOW)
    WaitingEvent.objects.all().delete()

    recalculate(now=NOW, periods=["daily"], calculation_id="c-1")

    kept = store().documents(["daily"])["daily"]
    [(kind, key, body)] = noted()
    assert (kind, key, body["version"]) == ("ranking.computed", "daily", kept.version)
    assert {name: value for name, value in kept.body.items() if name != "duration_ms"} == {
        name: value for name, value in body.items() if name != "version"
    }
    assert [(place["country_code"], place["score"]) for place in body["ranking"]] == [("JP", 1), ("US", 1)]


@pytest.mark.usefixtures("stream")
def test_nobody_is_told_of_selections_that_are_made_up():
    day = seoul_day(NOW)
    with time_machine.travel(NOW, tick=False):
        added = sum(seed(made_up(day, visits=3)[:2], now=NOW))

    assert added >= 2
    assert {kind for kind, _, _ in noted()} == {"ranking.computed"}


# --- in one transaction, or not at all --------------------------------------------------------


@pytest.mark.usefixtures("stream")
def test_what_is_taken_back_is_not_told():
    with transaction.atomic():
        write("ecos", sourced(observation("1336.1")))
        assert len(noted()) == 1
        transaction.set_rollback(True)

    assert noted() == []


def test_without_kafka_nothing_is_noted_down():
    make_latest()
    rates(observation("1336.1"))
    put()
    with time_machine.travel(NOW, tick=False):
        recording.record(CHOICE, now=NOW)
    recalculate(now=NOW)

    assert not WaitingEvent.objects.exists()


def queries(work):
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_a_run_costs_one_query_more_however_many_currencies_it_has(settings):
    def run(*codes):
        return queries(lambda: rates(*(observation("1.1", code=code) for code in codes)))

    off = run("AUD", "CAD", "CHF")
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"

    assert run("GBP", "HKD", "NZD") == off + 1
    assert WaitingEvent.objects.count() == 3


def test_a_selection_costs_one_query_more_however_many_countries_it_has(settings):
    settings.SELECTION_SHARDS = 1
    store().add(make_submission("JP", "US"))
    off = queries(lambda: store().add(make_submission("JP", "US")))
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"

    assert queries(lambda: store().add(make_submission("JP", "US"))) == off + 1
    assert WaitingEvent.objects.count() == 2


# --- what is published about them -------------------------------------------------------------


def test_every_type_has_its_schema_and_every_schema_its_type():
    assert {path.name for path in FOLDER.iterdir()} == {
        f"{kind}.{version}.json" for kind, (_, version) in TYPES.items()
    }


def test_every_type_and_topic_is_described():
    text = (ROOT / "docs" / "events.md").read_text()

    told = {*TYPES, *(topic for topic, _ in TYPES.values())}
    assert len(told) == 8
    assert [name for name in told if f"`{name}`" not in text] == []


def test_an_id_is_a_uuid_that_begins_with_the_time():
    with time_machine.travel(NOW, tick=False):
        one, other = (uuid.UUID(event("ranking.computed", key="daily", data={}).id) for _ in range(2))

    # 2026-11-22T03:00:00Z is 1795316400000 milliseconds after 1970.
    assert (one.int >> 80, one.version, one.variant) == (1_795_316_400_000, 7, uuid.RFC_4122)
    assert one != other


def test_who_notes_down_events_loads_no_kafka(tmp_path):
    words = "import django; django.setup(); import config.events.relay, ranking.stores.sql, ingestor.recording, sys"
    code = f"{words}; sys.exit('confluent_kafka' in sys.modules)"
    told = environment(tmp_path, "http://127.0.0.1:9", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=told, check=False, timeout=60)

    assert done.returncode == 0
