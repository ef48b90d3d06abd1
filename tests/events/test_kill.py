"""Relays that are killed, in processes of their own, over MariaDB and a Kafka on real sockets.

`kill -9` in the middle of a batch, and between Kafka's acknowledgement and the deletion: no event is lost,
those that come twice have the same id, and the first copies are in the order of their key.
"""

import subprocess
import sys
from datetime import UTC, datetime
from itertools import product
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections, transaction

from config.events.event import event
from config.events.outbox import record
from config.events.tables import WaitingEvent
from config.lease import Lease
from tests.aws_server import ROOT
from tests.events.mock_kafka import by_key
from tests.tasks.stage import environment, until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        settings.TEST_STACK != "services", reason="needs a server that two processes share: MariaDB"
    ),
]
TOPIC = "currency.selections"
KEYS = ("AT", "BE", "BG", "JP", "KR", "US")
EACH = 30


@pytest.fixture
def noted(kafka):
    """{key: ids} of 180 events of six keys that wait. Kafka takes its time, so that there is some to be killed in."""
    kafka.make_topic(TOPIC, partitions=3)
    kafka.lag(60)
    events = [
        event("selection.recorded", key=key, data={"n": number}) for number, key in product(range(EACH), KEYS)
    ]
    record(events)
    return {key: [one.id for one in events if one.key == key] for key in KEYS}


@pytest.fixture
def start(kafka, tmp_path):
    """Starts `manage.py events relay`."""
    address = urlsplit(settings.TEST_MARIADB)
    database = address._replace(path="/" + connections["default"].settings_dict["NAME"]).geturl()
    told = environment(
        tmp_path,
        "http://127.0.0.1:9",
        DATABASE_URL=database,
        KAFKA_BOOTSTRAP_SERVERS=kafka.address,
        LOG_LEVEL="ERROR",
    )
    started = []

    def begin():
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "events", "relay"],
                cwd=ROOT,
                env=told,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def let_a_minute_pass():
    """After it one that is silent is taken over."""
    Lease.objects.update(expires_at=datetime.now(UTC))


def test_a_killed_relay_loses_nothing_and_the_order_of_a_key_stands(kafka, noted, start, capsys):
    whole = EACH * len(KEYS)

    def killed(process, at):
        until(lambda: kafka.count(TOPIC) >= at, f"{at} messages are in Kafka")
        process.kill()
        process.wait(10)
        return kafka.count(TOPIC)

    # In the middle of a batch, twice.
    first = killed(start(), 40)
    let_a_minute_pass()
    second = killed(start(), first + 40)
    assert first < whole
    assert second < first + whole
    assert WaitingEvent.objects.count() == whole
    # Behind Kafka's last acknowledgement: the deletion waits for us, for longer than it lives.
    let_a_minute_pass()
    with transaction.atomic():
        assert len(WaitingEvent.objects.select_for_update()) == whole
        third = killed(start(), second + whole)
    assert WaitingEvent.objects.count() == whole
    kafka.lag(0)
    let_a_minute_pass()

    last = start()
    said, _ = last.communicate(timeout=60)

    assert (last.returncode, said) == (0, f"{whole} published, 0 refused.\n")
    messages = kafka.messages(TOPIC)
    assert {
        key: list(dict.fromkeys(one.id for one in several)) for key, several in by_key(messages).items()
    } == noted
    assert len({(one.id, one.key, one.value) for one in messages}) == whole
    assert len(messages) == third + whole
    assert not WaitingEvent.objects.exists()
    with capsys.disabled():
        print(
            f"\n{whole} events, 3 kills at {first}, {second} and {third} messages: {len(messages)} messages, "
            f"{len(messages) - whole} of them again"
        )


def test_of_two_relays_at_once_one_works(kafka, noted, start):
    whole = EACH * len(KEYS)
    with transaction.atomic():
        # The first one's deletion waits for us.
        assert len(WaitingEvent.objects.select_for_update()) == whole
        one = start()
        until(lambda: kafka.count(TOPIC) == whole, "the first has told everything")
        other, _ = start().communicate(timeout=60)

    assert other == "Another process is at it.\n"
    assert one.communicate(timeout=60)[0] == f"{whole} published, 0 refused.\n"
    messages = kafka.messages(TOPIC)
    assert {key: [one.id for one in several] for key, several in by_key(messages).items()} == noted
