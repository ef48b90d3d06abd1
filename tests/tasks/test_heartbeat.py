"""Beat and its heartbeat: each tick is sent once, and what comes through is taken down."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from config import heartbeat
from config.tasks import heartbeat as task
from tests.aws_server import ROOT
from tests.tasks.stage import until

SENT = datetime(2026, 10, 30, 3, 4, 5, tzinfo=UTC)
DATA = "data-processing-queue"


# --- what is taken down --------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_newest_heartbeat_stays_in_whatever_order_they_come():
    for seconds in (0, 60, 30):
        heartbeat.take_down(SENT + timedelta(seconds=seconds))

    assert heartbeat.newest() == SENT + timedelta(seconds=60)
    assert heartbeat.age(SENT + timedelta(seconds=90)) == timedelta(seconds=30)


@pytest.mark.django_db
def test_a_heartbeat_counts_as_of_when_beat_sent_it_and_an_operators_is_none():
    task.apply(headers={"sent_at": SENT.isoformat()})
    task.apply()

    assert heartbeat.newest() == SENT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "status"), [(0, "healthy"), (6, "healthy"), (7, "degraded"), (600, "degraded")]
)
def test_a_schedule_that_is_silent_for_seven_minutes_is_not_well(settings, minutes, status):
    settings.CELERY_BROKER_URL = "sqs://"
    heartbeat.take_down(SENT)

    told = heartbeat.summary(SENT + timedelta(minutes=minutes))

    assert told == {"status": status, "last_run": SENT, "next_run": SENT + timedelta(minutes=1)}


@pytest.mark.django_db
def test_where_no_beat_has_ever_been_none_is_missed(settings):
    settings.CELERY_BROKER_URL = "sqs://"

    assert heartbeat.summary(SENT)["status"] == "not_configured"
    assert heartbeat.age(SENT) is None


@pytest.mark.django_db
def test_a_laptop_has_no_schedule_and_does_not_look_for_a_heartbeat(django_assert_num_queries):
    with django_assert_num_queries(0):
        told = heartbeat.summary(SENT)

    assert told == {"status": "not_configured", "last_run": None, "next_run": None}


@pytest.mark.django_db
def test_the_health_page_tells_of_it(api, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    heartbeat.take_down(SENT)

    report = api.get("/health").json()["data"]

    assert report["services"]["schedule"]["status"] == "degraded"
    assert datetime.fromisoformat(report["services"]["schedule"]["last_run"]) == SENT


# --- real beats, a real queue, a real worker ------------------------------------------------------


@contextlib.contextmanager
def beats(stage, *names):
    """A running beat for each name, and afterwards none."""
    running = {}
    try:
        for name in names:
            command = [sys.executable, "-m", "celery", "-A", "config.celery", "beat"]
            options = ["--schedule", str(stage.folder / name), "--pidfile", str(stage.folder / f"{name}.pid")]
            with (stage.folder / f"{name}.log").open("wb") as log:
                running[name] = subprocess.Popen(
                    [*command, *options],
                    cwd=ROOT,
                    env=stage.environment,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
        yield running
    finally:
        for process in running.values():
            process.kill()
            process.wait(10)


def sent(stage):
    """The `sent_at` of every message in the queue, oldest first; the queue is empty afterwards."""
    found, address = [], stage.address(DATA)
    while (
        messages := stage.sqs().receive_message(QueueUrl=address, MaxNumberOfMessages=10).get("Messages", [])
    ):
        for message in messages:
            headers = json.loads(message["Body"])["headers"]
            assert headers["task"] == "config.heartbeat"
            found.append(headers["sent_at"])
            stage.sqs().delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])
    return sorted(found)


def marked(stage):
    """How many ticks of the heartbeat the schedule's row has been marked with."""
    [(count,)] = stage.rows(
        "SELECT total_run_count FROM django_celery_beat_periodictask WHERE name = 'heartbeat'"
    )
    return count


@pytest.fixture
def every_second(stage):
    """The heartbeat alone, and every second: a minute is long for a test."""
    stage.stop_workers()
    stage.rows(
        "INSERT OR IGNORE INTO django_celery_beat_intervalschedule (id, every, period) VALUES (7, 1, 'seconds')"
    )
    stage.rows(
        "UPDATE django_celery_beat_periodictask SET enabled = (name = 'heartbeat'), total_run_count = 0,"
        " interval_id = CASE name WHEN 'heartbeat' THEN 7 END,"
        " crontab_id = CASE name WHEN 'heartbeat' THEN NULL ELSE crontab_id END"
    )
    return stage


def test_two_beats_send_each_tick_once_also_after_one_was_frozen_or_killed(every_second):
    stage = every_second
    with beats(stage, "one", "other") as running:
        logs = [stage.folder / f"{name}.log" for name in running]
        until(
            lambda: all("beat_is_not_alone" in log.read_text() for log in logs),
            "both lose a tick to the other",
        )

        running["one"].send_signal(signal.SIGSTOP)
        frozen_at = marked(stage)
        until(lambda: marked(stage) >= frozen_at + 3, "the other goes on at once")
        running["one"].send_signal(signal.SIGCONT)
        thawed_at = marked(stage)
        until(lambda: marked(stage) >= thawed_at + 3, "there are two again")

        running["other"].kill()
        killed_at = marked(stage)
        until(lambda: marked(stage) >= killed_at + 2, "the first goes on alone")
        running["one"].terminate()
        assert running["one"].wait(20) == 0

    instants = [datetime.fromisoformat(instant) for instant in sent(stage)]
    ticks = marked(stage)
    # Who is killed between its mark and its message loses that tick.
    assert ticks - 1 <= len(instants) <= ticks
    # One a second, not one a second from each.
    assert ticks <= (instants[-1] - instants[0]).total_seconds() + 2


def test_beat_shows_life_of_its_own_and_its_heartbeat_comes_through(every_second):
    stage = every_second
    pulse_file = stage.folder / "beat.pulse"
    pulse_file.unlink(missing_ok=True)
    stage.worker()
    stage.rows("DELETE FROM heartbeats")
    began = datetime.now(UTC)

    with beats(stage, "one"):
        [(sent_at,)] = until(
            lambda: stage.rows("SELECT sent_at FROM heartbeats"), "a heartbeat comes through"
        )
        shown = pulse_file.stat().st_mtime
        until(lambda: pulse_file.stat().st_mtime > shown, "beat shows life")
        assert (
            subprocess.run(
                ["sh", "-c", f'test -n "$(find {pulse_file} -newermt now)"'], check=False
            ).returncode
            == 0
        )

    assert began < datetime.fromisoformat(f"{sent_at}+00:00") < datetime.now(UTC)
    until(lambda: stage.waiting(DATA) == (0, 0), "the queue is empty")


def test_beat_waits_for_a_database_that_is_away_and_goes_on(every_second):
    stage = every_second
    with beats(stage, "one") as running:
        until(lambda: marked(stage) > 0, "it ticks")
        with contextlib.closing(sqlite3.connect(stage.database)) as connection:
            connection.execute("ALTER TABLE django_celery_beat_periodictask RENAME TO mislaid")
            log = stage.folder / "one.log"
            until(lambda: "beat_waits_for_its_database" in log.read_text(), "it cannot mark a tick")
            connection.execute("ALTER TABLE mislaid RENAME TO django_celery_beat_periodictask")
        before = marked(stage)
        until(lambda: marked(stage) >= before + 2, "it goes on")
        assert running["one"].poll() is None

    assert len(sent(stage)) >= 2


def test_the_control_room_tells_of_a_schedule_that_has_fallen_silent(stage):
    stage.rows("INSERT OR REPLACE INTO heartbeats (id, sent_at) VALUES (1, '2026-11-26 03:04:05')")
    told = (
        "from datetime import UTC, datetime\n"
        "from config.operators.panels import queues\n"
        "for hour, minute in ((3, 5), (5, 0)):\n"
        "    told = queues.tell(datetime(2026, 11, 26, hour, minute, tzinfo=UTC))\n"
        "    print(told.state, told.facts['is_silent'])\n"
    )

    answer = stage.manage("shell", "-v0", "-c", told)

    assert answer.stdout == "well False\nill True\n", answer.stderr
