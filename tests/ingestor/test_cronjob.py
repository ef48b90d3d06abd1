"""`manage.py ingest` with EXECUTION_MODE=cronjob: an installation without beat and broker."""

import os
import signal
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from config import heartbeat
from currency.models import LatestRate, Provider
from ingestor.management.commands import ingest
from ingestor.models import CollectionLog
from tests.ingestor.playing import on_an_ordinary_day, points_at
from tests.ingestor.provider_server import Answer

pytestmark = pytest.mark.django_db(transaction=True)

#: In Frankfurt the day's table has been there for hours.
EVENING = datetime(2026, 10, 30, 20, tzinfo=UTC)
TABLE = "/stats/eurofxref/eurofxref-daily.xml"


@pytest.fixture(autouse=True)
def evening():
    with time_machine.travel(EVENING):
        yield


@pytest.fixture(autouse=True)
def installed(evening, provider_server, settings, tmp_path):
    """The ECB works; prices are under maintenance. Of the schedule the hourly check alone is due."""
    settings.EXECUTION_MODE = "cronjob"
    settings.WORKER_PULSE_FILE = str(tmp_path / "worker.pulse")
    points_at(provider_server, settings, "ecb", "bigmac", "worldbank")
    provider_server.answer("/*", Answer(status=404, body=b"no such page"))
    Provider.objects.exclude(key="ecb").update(is_enabled=False)
    PeriodicTask.objects.all().delete()
    hourly = CrontabSchedule.objects.create(minute="0", timezone="Asia/Seoul")
    for name, task in (("check freshness", "ingestor.check_freshness"), ("collect ecb", "ingestor.collect")):
        long_ago = datetime.now(UTC) - timedelta(hours=2)
        PeriodicTask.objects.create(name=name, task=task, crontab=hourly, last_run_at=long_ago)


def outcomes():
    return Counter(CollectionLog.objects.values_list("provider", "outcome", "trigger"))


def test_who_may_have_news_is_asked_and_what_else_is_due_is_done_once(provider_server):
    on_an_ordinary_day(provider_server, "ecb")

    for _ in range(2):
        call_command("ingest")

    # Prices that could not be had are asked for again; rates that are there are not.
    assert outcomes() == {
        ("ecb", "data", "schedule"): 1,
        ("bigmac", "failure", "schedule"): 2,
        ("worldbank", "failure", "schedule"): 2,
    }
    assert LatestRate.objects.filter(source="ecb").exists()
    counts = dict(PeriodicTask.objects.values_list("name", "total_run_count"))
    assert counts == {"check freshness": 1, "collect ecb": 0}


def test_where_nobody_answers_the_run_has_failed():
    with pytest.raises(CommandError, match=r"^Nobody answers: ecb, bigmac, worldbank\.$"):
        call_command("ingest")

    assert PeriodicTask.objects.get(name="check freshness").total_run_count == 1


def test_where_nobody_has_news_nothing_has_failed(settings):
    Provider.objects.update(is_enabled=False)
    settings.PROVIDERS = {}
    now = datetime.now(UTC)
    for key in ("bigmac", "worldbank"):
        CollectionLog.objects.create(
            provider=key,
            outcome="data",
            trigger="schedule",
            started_at=now,
            ended_at=now,
            duration_ms=0,
            correlation_id=key,
        )

    call_command("ingest")

    assert CollectionLog.objects.count() == 2


@pytest.mark.parametrize("told", ["by its deadline", "by Kubernetes"])
def test_a_run_that_is_told_to_end_closes_what_it_has_begun(provider_server, monkeypatch, told):
    provider_server.answer(TABLE, Answer(body=b"", delay=2))
    if told == "by its deadline":
        monkeypatch.setattr(ingest, "DEADLINE", 1)
    else:
        threading.Timer(1, os.kill, (os.getpid(), signal.SIGTERM)).start()
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(CommandError, match=r"^Not done in time, or told to stop; the next run goes on\.$"):
        call_command("ingest")

    assert not CollectionLog.objects.filter(outcome="running").exists()
    assert signal.getsignal(signal.SIGTERM) is before
    # What was due besides is left to the next run.
    assert PeriodicTask.objects.get(name="check freshness").total_run_count == 0


def test_named_sources_are_collected_as_anywhere_else(provider_server, capsys):
    on_an_ordinary_day(provider_server, "ecb")

    call_command("ingest", "ecb")

    assert "ecb: data" in capsys.readouterr().out
    assert outcomes() == {("ecb", "data", "command"): 1}
    assert heartbeat.newest() is None
