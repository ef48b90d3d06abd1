"""config.celery.enqueue and ping: where a task goes, and what is told when the broker does not answer."""

import json
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest
import structlog
from django.core.management import CommandError, call_command

from config import health
from config.celery import enqueue
from tests.aws_server import ROOT
from tests.tasks.stage import environment


@pytest.mark.django_db
def test_without_a_broker_a_task_runs_where_it_is_asked_for_and_keeps_the_requests_context(settings):
    settings.PROVIDERS = {}
    structlog.contextvars.bind_contextvars(correlation_id="request")

    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        enqueue("ingestor.check_freshness", {})

    structlog.contextvars.clear_contextvars()
    told = [line for line in logs if line["event"] == "publication_missed"]
    assert {line["provider"] for line in told} == {"ecb", "exchangerate_api"}
    assert {line["correlation_id"] for line in told} == {"request"}


def test_without_a_broker_what_a_task_raises_comes_out(db):
    with pytest.raises(TypeError, match="provider"):
        enqueue("ingestor.collect", {})


@pytest.mark.once
def test_a_broker_that_does_not_answer_is_told_of_within_seconds(tmp_path):
    """Connections are accepted, and then nothing comes: the worst of outages."""
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        port = silent.getsockname()[1]
        brokers = {
            "redis": {"CELERY_BROKER_URL": f"redis://127.0.0.1:{port}/0"},
            "sqs": {
                "CELERY_BROKER_URL": "sqs://",
                "SQS_QUEUE_BASE_URL": f"http://127.0.0.1:{port}/1",
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            },
        }
        senders = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.tasks.sender"],
                cwd=ROOT,
                env=environment(tmp_path, "http://127.0.0.1:9", **broker),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for broker in brokers.values()
        ]
        for sender in senders:
            assert sender.stdin
            sender.stdin.write(json.dumps(["ranking.recalculate", {}, 3]) + "\n")
            sender.stdin.flush()
        told = [sender.communicate(timeout=30)[0] for sender in senders]

    assert len(told) == 2
    for line in told:
        assert line.startswith("QueueUnavailable: ranking.recalculate was not sent: ")


def test_health_asks_the_queue_only_where_there_is_one(settings):
    assert health._ask(health._check("queue")) == {"status": "not_configured", "response_time_ms": None}

    settings.CELERY_BROKER_URL = "sqs://"
    assert health._check("queue") is not None


def test_dead_letters_are_for_sqs_alone():
    with pytest.raises(CommandError, match="only SQS keeps what failed"):
        call_command("dlq", "list")


@pytest.mark.once
def test_what_only_sqs_needs_may_be_missing_elsewhere(tmp_path):
    without = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['boto3', 'botocore', 'pycurl']))\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from config import health\n"
        "from config.celery import app\n"
        "app.loader.import_default_modules()\n"
        "call_command('check')\n"
        "print(health._ask(health._check('queue'))['error'])\n"
        "call_command('dlq', 'list')\n"
    )
    told = environment(tmp_path, "http://127.0.0.1:9", CELERY_BROKER_URL="redis://127.0.0.1:9/0")

    done = subprocess.run(
        [sys.executable, "-c", without], cwd=ROOT, env=told, capture_output=True, text=True, check=False
    )

    assert "OperationalError" in done.stdout
    assert done.stderr.splitlines()[-1].endswith("and only SQS keeps what failed.")
