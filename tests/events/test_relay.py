"""The relay, between the outbox and a Kafka on real sockets."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from confluent_kafka import KafkaError, Producer
from django.core.management import CommandError, call_command

from config import lease, tasks
from config.events import health, outbox, relay
from config.events import kafka as kafka_of_ours
from config.events.event import event
from config.events.outbox import record, waiting
from config.events.tables import RefusedEvent, WaitingEvent
from config.lease import Lease, LeaseLost
from tests.aws_server import CREDENTIALS
from tests.events.mock_kafka import by_key

pytestmark = pytest.mark.django_db
TOPIC = "currency.selections"
TOO_LARGE, NOT_LEADER = KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.NOT_LEADER_FOR_PARTITION
OUT_OF_ORDER = KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER


def now():
    return datetime.now(UTC)


def note(*keys, **data):
    """Events of these keys; their ids, in the order in which they wait."""
    noted = [
        event("selection.recorded", key=key, data={"n": number, **data}) for number, key in enumerate(keys)
    ]
    record(noted)
    return [one.id for one in noted]


def sent_in_order(kafka):
    """{key: ids} of what Kafka has, each with the first of its copies."""
    return {
        key: list(dict.fromkeys(one.id for one in several))
        for key, several in by_key(kafka.messages(TOPIC)).items()
    }


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(kafka_of_ours, "PATIENCE", 1.0)


def command(*words):
    out = StringIO()
    call_command("events", *words, stdout=out)
    return out.getvalue()


# --- what Kafka gets --------------------------------------------------------------------------


def test_a_message_is_a_cloud_event_with_its_key_and_its_version(kafka):
    [one] = note("JP")
    noted = WaitingEvent.objects.get()

    assert relay.run(now=now()) == relay.Relayed(published=1, is_complete=True)

    [message] = kafka.messages(TOPIC)
    assert (message.key, json.loads(message.value)) == ("JP", {"n": 0})
    instant = noted.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert message.headers == {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_source": "/currency-travel-service",
        "ce_id": one,
        "ce_type": "selection.recorded",
        "ce_time": instant,
        "ce_schemaversion": "1",
    }
    assert not WaitingEvent.objects.exists()


def test_many_batches_reach_kafka_once_and_in_the_order_of_each_key(kafka, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 7)
    keys = ["JP", "US", "JP", "DE", "JP", "FR", "US"] * 9
    ids = note(*keys)

    assert relay.run(now=now()) == relay.Relayed(published=63, is_complete=True)

    assert len(kafka.messages(TOPIC)) == 63
    assert sent_in_order(kafka) == {
        key: [one for one, of in zip(ids, keys, strict=True) if of == key] for key in set(keys)
    }


def test_with_nothing_to_tell_kafka_is_not_even_asked(settings):
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"

    assert relay.run(now=now()) == relay.Relayed(is_complete=True)


def test_without_kafka_the_task_does_nothing():
    tasks.relay_events()

    assert not Lease.objects.exists()


# --- a bad day --------------------------------------------------------------------------------


def test_while_kafka_is_away_events_wait_and_are_counted_and_afterwards_they_are_told(
    kafka, impatient, monkeypatch
):
    ids = note("JP", "US", "JP")
    kafka.go()

    assert relay.run(now=now()) == relay.Relayed()
    told = waiting(now() + timedelta(minutes=11))
    assert (told.count, told.age >= timedelta(minutes=11), told.refused) == (3, True, 0)
    assert health.summary(now())["status"] == "healthy"
    assert health.summary(now() + timedelta(minutes=11)) == {"status": "degraded", "waiting": 3, "refused": 0}
    ids += note("JP")

    kafka.come_back()
    # Connections are made anew after pauses of their own.
    monkeypatch.setattr(kafka_of_ours, "PATIENCE", 30.0)
    assert relay.run(now=now()) == relay.Relayed(published=4, is_complete=True)
    assert sent_in_order(kafka) == {"JP": [ids[0], ids[2], ids[3]], "US": [ids[1]]}
    assert waiting(now()) == outbox.Waiting(0, timedelta(), 0)


def test_what_passes_by_itself_holds_nothing_up(kafka):
    ids = note("JP", "US", "JP")
    kafka.answer_produce(NOT_LEADER, NOT_LEADER)

    assert relay.run(now=now()) == relay.Relayed(published=3, is_complete=True)

    assert sent_in_order(kafka) == {"JP": [ids[0], ids[2]], "US": [ids[1]]}


def test_what_is_fatal_to_a_producer_is_not_to_the_events(kafka):
    ids = note("JP", "JP")
    kafka.answer_produce(OUT_OF_ORDER)

    assert relay.run(now=now()) == relay.Relayed()
    assert relay.run(now=now()) == relay.Relayed(published=2, is_complete=True)

    assert sent_in_order(kafka) == {"JP": ids}


def test_an_event_larger_than_any_request_is_set_aside_and_those_behind_it_are_told(kafka):
    before, [large], after = note("JP"), note("JP", text="x" * 1_100_000), note("JP", "US")

    assert relay.run(now=now()) == relay.Relayed(published=3, refused=1, is_complete=True)

    assert sent_in_order(kafka) == {"JP": [*before, after[0]], "US": [after[1]]}
    [refused] = RefusedEvent.objects.values_list("event_id", "reason")
    assert refused == (large, "Unable to produce message: Broker: Message size too large")
    assert health.summary(now()) == {"status": "degraded", "waiting": 0, "refused": 1}


def test_the_neighbours_of_a_refused_event_are_told(kafka):
    """Kafka refuses a request as a whole, and the second one again when it comes alone."""
    kafka.make_topic(TOPIC, partitions=1)
    ids = note("AT", "BE", "BG", "AT")
    kafka.answer_produce(TOO_LARGE, 0, TOO_LARGE, 0, 0)

    assert relay.run(now=now()) == relay.Relayed(published=3, refused=1, is_complete=True)

    assert [one.id for one in kafka.messages(TOPIC)] == [ids[0], ids[2], ids[3]]
    assert RefusedEvent.objects.get().event_id == ids[1]


def test_of_refused_events_a_person_decides(kafka):
    ids = note("JP", "US", "DE", text="x" * 1_100_000)
    relay.run(now=now())
    assert command("status").splitlines()[0] == "0 wait, the oldest for 0 s."
    assert [line.split()[0] for line in command("status").splitlines()[1:]] == ids
    RefusedEvent.objects.filter(event_id=ids[0]).update(body='{"n":"short"}')

    assert command("again", ids[0]) == f"{ids[0]} waits again\n"
    assert command("drop", ids[1]) == f"{ids[1]} dropped\n"
    assert command("relay") == "1 published, 0 refused.\n"

    assert [(one.id, one.value) for one in kafka.messages(TOPIC)] == [(ids[0], b'{"n":"short"}')]
    assert list(RefusedEvent.objects.values_list("event_id", flat=True)) == [ids[2]]
    with pytest.raises(CommandError, match=ids[1]):
        command("again", ids[1])


# --- one at a time ----------------------------------------------------------------------------


def test_while_one_relays_no_other_does_until_it_has_been_silent_for_a_minute(kafka):
    note("JP")
    lease.take("events", life=relay.LIFE, now=now())

    assert relay.run(now=now()) is None
    assert command("relay") == "Another process is at it.\n"
    assert relay.run(now=now() + relay.LIFE) == relay.Relayed(published=1, is_complete=True)


def test_who_has_lost_the_lease_publishes_no_further_batch(kafka, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 1)
    note("JP", "US")
    forget = outbox.Rows.forget

    def forget_and_be_overtaken(self, entries):
        forget(self, entries)
        Lease.objects.update(holder="another")

    monkeypatch.setattr(outbox.Rows, "forget", forget_and_be_overtaken)

    assert relay.run(now=now()) == relay.Relayed(published=1)

    assert len(kafka.messages(TOPIC)) == 1
    assert Lease.objects.get().holder == "another"


def test_a_lease_is_one_process_and_is_free_again():
    first = lease.take("a", life=timedelta(seconds=60), now=now())
    assert first is not None
    assert lease.take("a", life=timedelta(seconds=60), now=now()) is None
    assert lease.take("b", life=timedelta(seconds=60), now=now()) is not None

    first.give_back()
    second = lease.take("a", life=timedelta(seconds=60), now=now())

    assert second is not None
    with pytest.raises(LeaseLost):
        first.renew(now())
    first.give_back()
    second.renew(now())


# --- being asked for --------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch, settings):
    """[(task, delay)] of what goes to the broker."""
    from config import celery

    settings.CELERY_BROKER_URL, settings.CELERY_TASK_ALWAYS_EAGER = "sqs://", False
    messages = []
    monkeypatch.setattr(
        celery.app, "send_task", lambda name, kwargs, DelaySeconds: messages.append((name, DelaySeconds))
    )
    return messages


def test_a_burst_asks_for_the_relay_once_and_only_when_it_is_over(asked, settings):
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"

    for _ in range(5):
        relay.nudge()

    # Gathered for two seconds: the message comes after them.
    assert asked == [("config.relay_events", 3)]


def test_nobody_asks_where_there_is_no_kafka(asked):
    relay.nudge()

    assert asked == []


def test_after_a_failure_only_the_schedule_tries(asked, kafka, impatient):
    note("JP")
    kafka.go()
    relay.run(now=now())

    relay.nudge()

    assert asked == []


# --- MSK --------------------------------------------------------------------------------------


def test_a_token_for_msk_is_signed_by_this_process_and_ends_within_a_quarter_of_an_hour(monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)

    token, ends = kafka_of_ours._token("")

    signed = urlsplit(urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    assert signed.hostname == "kafka.ap-northeast-2.amazonaws.com"
    assert parse_qs(signed.query)["Action"] == ["kafka-cluster:Connect"]
    assert 600 < ends - now().timestamp() <= 901


def test_with_iam_a_producer_speaks_tls_and_fetches_its_token(monkeypatch, settings):
    settings.KAFKA_BOOTSTRAP_SERVERS, settings.KAFKA_IAM_AUTH = "127.0.0.1:9", True
    asked, made = [], []

    def token(configuration):
        asked.append(configuration)
        return "token", now().timestamp() + 900

    def producer(told, **options):
        made.append(told)
        return Producer(told, **options)

    monkeypatch.setattr(kafka_of_ours, "_token", token)
    monkeypatch.setattr(kafka_of_ours, "Producer", producer)

    kafka_of_ours._producer().close()

    assert len(asked) == 1
    assert (made[0]["security.protocol"], made[0]["sasl.mechanisms"]) == ("SASL_SSL", "OAUTHBEARER")
