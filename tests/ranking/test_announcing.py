"""A burst enqueues a handful of messages, and no selection of it is forgotten."""

import itertools
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from config import celery
from ranking import announcing, results
from ranking.announcing import GATHER, MARGIN, announce, request_calculation
from ranking.models import RankingResult
from ranking.recording import Choice, record

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NAMED = "ranking.recalculate"


@pytest.fixture
def clock(monkeypatch, settings):
    """Time that only the test moves, for this process and for the cache that it shares with others."""
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": memory, "LOCATION": uuid.uuid4().hex}}
    with time_machine.travel(NOON, tick=False) as traveller:
        monkeypatch.setattr(time, "monotonic", time.time)
        monkeypatch.setattr(announcing, "_quiet_until", float("-inf"))
        yield traveller


@pytest.fixture
def sent(monkeypatch, settings, clock):
    """What goes to SQS: [(unix time, delay)]."""
    settings.CELERY_BROKER_URL = "sqs://"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    messages = []

    def send_task(name, kwargs, DelaySeconds):
        assert (name, kwargs) == (NAMED, {})
        messages.append((time.time(), DelaySeconds))

    monkeypatch.setattr(celery.app, "send_task", send_task)
    return messages


@pytest.fixture
def out(monkeypatch, settings, clock):
    """A broker that takes nothing: [unix time] of each attempt."""
    settings.CELERY_BROKER_URL = "sqs://"
    settings.CELERY_TASK_ALWAYS_EAGER = False
    tried = []

    def send_task(*_, **__):
        tried.append(time.time())
        raise ConnectionRefusedError

    monkeypatch.setattr(celery.app, "send_task", send_task)
    return tried


def test_ten_thousand_selections_within_ten_seconds_send_a_handful_of_messages(sent, clock):
    for _ in range(10_000):
        announce()
        clock.shift(0.001)

    assert 3 <= len(sent) <= 5


def test_every_selection_is_followed_by_a_run(sent, clock):
    committed = []
    for pause in itertools.chain([0.0, 0.4, 2.5, 0.2, 0.0], [2.999, 0.002] * 20, [0.7] * 30):
        clock.shift(pause)
        committed.append(time.time())
        announce()

    runs = [when + delay for when, delay in sent]
    assert all(any(run >= instant for run in runs) for instant in committed)
    # And soon: nobody waits longer than a burst is gathered, and its message is held back.
    longest = GATHER + MARGIN
    assert all(min(run - instant for run in runs if run >= instant) <= longest for instant in committed)


def test_a_run_begins_only_when_no_selection_relies_on_it_any_more(sent, clock):
    announce()
    [(when, delay)] = sent

    clock.shift(GATHER)
    announce()

    assert len(sent) == 2  # so whatever was committed before relied on the first
    assert when + delay >= sent[1][0] + MARGIN


def test_another_process_with_the_same_cache_sends_nothing_more(sent, clock, monkeypatch):
    announce()
    monkeypatch.setattr(announcing, "_quiet_until", float("-inf"))

    announce()

    assert len(sent) == 1


def test_without_its_cache_a_process_still_sends_one_message_for_a_burst(sent, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    for _ in range(1000):
        announce()

    assert len(sent) == 1


def test_a_queue_that_is_out_fails_no_selection_and_is_left_alone_for_a_while(out, clock):
    for _ in range(300):
        announce()
        clock.shift(0.1)

    assert len(out) == 2


def test_the_next_process_may_announce_what_this_one_could_not(out, clock, monkeypatch):
    announce()
    monkeypatch.setattr(announcing, "_quiet_until", float("-inf"))

    announce()

    assert len(out) == 2


@pytest.mark.django_db
def test_a_calculation_that_fails_in_process_is_made_up_for_by_the_next_reader(monkeypatch, caplog):
    assert results.ranking("daily", now=datetime.now(UTC))["ranking"] == []
    with monkeypatch.context() as during:
        during.setattr(RankingResult.objects, "filter", lambda **_: 1 / 0)
        chosen = Choice(countries=("JP",), user_id="u1", address="192.0.2.1", agent="")
        record(chosen, now=datetime.now(UTC))
    assert "ranking_not_announced" in caplog.text
    later = datetime.now(UTC) + timedelta(seconds=6)  # as long as a process may tell what it has

    with time_machine.travel(later):
        assert len(results.ranking("daily", now=datetime.now(UTC))["ranking"]) == 1


@pytest.mark.django_db
def test_a_requested_calculation_is_known_by_its_id():
    calculation_id = request_calculation("weekly")

    assert RankingResult.objects.get(period="weekly").body["calculation_id"] == calculation_id
