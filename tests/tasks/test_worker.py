"""A real worker on SQS: what it does when processes die, tasks fail, and SQS stumbles."""

import json
import os
import signal
import subprocess
import sys
from decimal import Decimal

from tests.aws_server import ROOT
from tests.tasks.stage import DEAD, ECB, ecb_answer, until

DATA = "data-processing-queue"


def collected(stage):
    return stage.runs()[-1:] == ["data"] and stage.waiting(DATA) == (0, 0)


def assert_stored_once(stage):
    """29 currencies of the bank's table, each once; a euro is the 1,491.76 won it prints."""
    observations = stage.observations()

    assert len(observations) == 29
    assert len({code for code, _ in observations}) == 29
    assert dict(observations)["EUR"] == float(Decimal("1491.76"))
    assert dict(observations)["USD"] == float(round(Decimal("1491.76") / Decimal("1.1172"), 4))


def test_a_task_is_taken_from_the_queue_done_and_deleted(stage, provider):
    provider.answer(ECB, ecb_answer())
    stage.worker()

    stage.send("ingestor.collect", {"provider": "ecb"})

    until(lambda: collected(stage), "the figures are stored")
    assert_stored_once(stage)


def test_a_delayed_task_waits_in_the_queue_and_not_in_a_worker(stage):
    sent = stage.send("ranking.recalculate", delay=5)

    assert sent == "sent"
    assert stage.waiting("ranking-calculation-queue") == (0, 1)


def test_what_a_task_logs_carries_its_id(stage):
    worker = stage.worker()

    stage.send("ingestor.check_freshness")

    until(lambda: worker.said("publication_missed"), "the bank's missing figures are told of")
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    [missed] = [line for line in lines if line["event"] == "publication_missed" and line["provider"] == "ecb"]
    assert missed["task"] == "ingestor.check_freshness"
    assert any(f"check_freshness[{missed['correlation_id']}] received" in line["event"] for line in lines)


def test_beat_sends_what_came_due_while_it_was_down(stage):
    stage.stop_workers()
    overdue = "SET last_run_at = '2026-01-01 00:00:00', enabled = (name = 'check freshness')"
    stage.rows(f"UPDATE django_celery_beat_periodictask {overdue}")

    with stage.beat():
        until(lambda: stage.waiting(DATA)[0] > 0, "beat sends")

    [message] = stage.sqs().receive_message(QueueUrl=stage.address(DATA))["Messages"]
    assert json.loads(message["Body"])["headers"]["task"] == "ingestor.check_freshness"
    stage.sqs().delete_message(QueueUrl=stage.address(DATA), ReceiptHandle=message["ReceiptHandle"])


def test_the_health_page_asks_sqs(stage):
    asked = "from config import health; print(health._ask(health._check('queue'))['status'])"

    assert stage.manage("shell", "--verbosity", "0", "--command", asked).stdout == "healthy\n"


def test_the_task_of_a_killed_worker_is_done_by_another_and_stored_once(stage, provider):
    provider.answer(ECB, ecb_answer(delay=60), ecb_answer())
    worker = stage.worker()
    stage.send("ingestor.collect", {"provider": "ecb"})
    until(lambda: provider.requests, "the worker asks the bank")

    worker.kill()
    stage.start()

    until(lambda: collected(stage), "the other worker collects")
    assert stage.runs()[:2] == ["failure", "data"]
    assert_stored_once(stage)


def test_the_task_of_a_killed_child_is_done_again_by_the_same_worker(stage, provider):
    provider.answer(ECB, ecb_answer(delay=60), ecb_answer())
    worker = stage.worker()
    stage.send("ingestor.collect", {"provider": "ecb"})
    until(lambda: provider.requests, "the child asks the bank")

    for child in worker.children():
        os.kill(child, signal.SIGKILL)

    until(lambda: collected(stage), "its successor collects")
    assert worker.process.poll() is None
    assert_stored_once(stage)


def test_a_worker_told_to_stop_finishes_its_task_first(stage, provider):
    provider.answer(ECB, ecb_answer(delay=1.5))
    worker = stage.worker()
    stage.send("ingestor.collect", {"provider": "ecb"})
    until(lambda: provider.requests, "the worker asks the bank")

    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(30) == 0
    assert stage.runs() == ["data"]
    assert stage.waiting(DATA) == (0, 0)
    assert_stored_once(stage)


def test_what_keeps_failing_ends_in_the_dead_letters_and_can_be_replayed(stage, provider):
    provider.answer(ECB, ecb_answer())
    stage.worker()
    stage.rows("ALTER TABLE provider_leases RENAME TO mislaid")
    try:
        stage.send("ingestor.collect", {"provider": "ecb"})
        stage.send("ingestor.no_such_task")
        until(lambda: stage.waiting(DEAD)[0] == 2, "both are dead letters")
    finally:
        stage.rows("ALTER TABLE mislaid RENAME TO provider_leases")

    listed = stage.manage("dlq", "list").stdout
    lines = {line.split()[1]: line for line in listed.splitlines()[1:]}
    assert lines.keys() == {"ingestor.collect", "ingestor.no_such_task"}
    assert "{'provider': 'ecb'}" in lines["ingestor.collect"]

    replayed = stage.manage("dlq", "replay", lines["ingestor.collect"].split()[0])
    until(lambda: collected(stage), "the replayed task collects")
    assert "ingestor.collect replayed to data-processing-queue" in replayed.stdout
    assert_stored_once(stage)

    dropped = stage.manage("dlq", "drop", "--all")
    assert "ingestor.no_such_task dropped" in dropped.stdout
    assert stage.waiting(DEAD) == (0, 0)


def test_a_worker_outlives_errors_closed_sockets_and_silence_of_sqs(stage, provider, cable):
    provider.answer(ECB, ecb_answer())
    worker = stage.fresh_worker()
    pulse = stage.folder / "worker.pulse"

    # Two queues are polled; a third poll comes from a worker that has outlived a refusal.
    cable.answer(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    seen = cable.swallowed
    until(lambda: cable.swallowed >= seen + 3, "the worker is refused, and asks again")

    cable.pull()
    told = worker.log.read_text().count("queue_does_not_answer")
    until(lambda: worker.log.read_text().count("queue_does_not_answer") >= told + 3, "it finds nobody there")

    cable.plug()
    shown = pulse.stat().st_mtime
    until(lambda: pulse.stat().st_mtime > shown, "it is answered again")

    cable.silence()
    seen = cable.swallowed
    until(lambda: cable.swallowed >= seen + 2, "both polls are lost")
    shown = pulse.stat().st_mtime
    told = worker.log.read_text().count("queue_does_not_answer")
    until(lambda: worker.log.read_text().count("queue_does_not_answer") > told, "it gives up waiting")
    assert pulse.stat().st_mtime == shown

    cable.plug()
    stage.send("ingestor.collect", {"provider": "ecb"})
    until(lambda: collected(stage), "it collects as before")
    assert worker.process.poll() is None
    assert stage.manage("worker_health").returncode == 0


def test_who_only_sends_needs_no_curl(stage):
    """The web tier: its image has no pycurl."""
    without = (
        "import sys\n"
        "sys.modules['pycurl'] = None\n"
        "import django; django.setup()\n"
        "from config.celery import enqueue\n"
        "enqueue('history.rebuild_bars', {}, delay=1)\n"
        "print('sent')\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", without],
        cwd=ROOT,
        env=stage.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "sent\n", done.stderr
    stage.worker()
    until(lambda: stage.waiting(DATA) == (0, 0), "a worker takes it")
