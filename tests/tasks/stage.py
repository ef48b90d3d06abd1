"""An installation of our own for real workers: a database, queues with dead letters on moto, a provider."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from tests.aws_server import CREDENTIALS, ROOT
from tests.ingestor.provider_server import Answer, payload_bytes

QUEUES = ("ranking-calculation-queue", "data-processing-queue")
DEAD = "data-processing-dlq"
#: Seconds until a message of a dead worker is delivered again, and how often it is before it is dead.
VISIBILITY, RECEIVES = 1, 3
ECB = "/stats/eurofxref/eurofxref-daily.xml"
PATIENCE = 45.0


def until(happened: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What `happened` says, once that is true."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := happened():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {patience:.0f} s")


def ecb_answer(**options: Any) -> Answer:
    """The bank's table of a recent weekday: 29 currencies, the won among them."""
    day = datetime.now(UTC).date() - timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    body = payload_bytes("ecb/2026-10-30.xml").replace(b"2026-10-30", day.isoformat().encode())
    return Answer(body=body, headers={"Content-Type": "text/xml"}, **options)


@dataclass
class Worker:
    """A real worker in a process group of its own."""

    process: "subprocess.Popen[bytes]"
    log: Path

    def said(self, text: str) -> bool:
        return text in self.log.read_text()

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]

    def kill(self) -> None:
        """kill -9 of the worker and its children."""
        with contextlib.suppress(ProcessLookupError):  # it has ended
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


@dataclass
class Stage:
    folder: Path
    environment: dict[str, str]
    aws: str = ""
    workers: list[Worker] = field(default_factory=list)
    _sender: "subprocess.Popen[str] | None" = None

    @property
    def database(self) -> Path:
        return self.folder / "db.sqlite3"

    def manage(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def worker(self) -> Worker:
        """The one that is running, or a new one."""
        return next((one for one in self.workers if one.process.poll() is None), None) or self.start()

    def fresh_worker(self) -> Worker:
        """A new one, and no other."""
        self.stop_workers()
        return self.start()

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.kill()

    def start(self, *options: str, **environment: str) -> Worker:
        """A worker that is ready."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config.celery",
            "worker",
            "--pool",
            "prefork",
            "-c",
            "1",
        ]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, *options],
                cwd=ROOT,
                env=self.environment | environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        worker = Worker(process, log)
        self.workers.append(worker)
        until(lambda: worker.said(" ready.") or process.poll() is not None, "the worker starts")
        assert process.poll() is None, log.read_text()[-2000:]
        return worker

    @contextlib.contextmanager
    def beat(self) -> Iterator[None]:
        """A running beat, and afterwards none."""
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "beat"]
        options = ["--schedule", str(self.folder / "beat"), "--pidfile", str(self.folder / "beat.pid")]
        with (self.folder / "beat.log").open("wb") as log:
            process = subprocess.Popen(
                [*command, *options], cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            yield
        finally:
            process.terminate()
            process.wait(20)

    def send(self, task: str, kwargs: dict[str, Any] | None = None, *, delay: int = 0) -> str:
        if self._sender is None:
            self._sender = subprocess.Popen(
                [sys.executable, "-m", "tests.tasks.sender"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._sender.stdin
        assert self._sender.stdout
        self._sender.stdin.write(json.dumps([task, kwargs or {}, delay]) + "\n")
        self._sender.stdin.flush()
        answer: str = self._sender.stdout.readline().strip()
        return answer

    def rows(self, statement: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            return connection.execute(statement).fetchall()

    def observations(self) -> list[Any]:
        """(currency, rate) of the ECB's figures, by currency."""
        return self.rows(
            "SELECT currency_code, ROUND(deal_base_rate, 4) FROM exchange_rate_history"
            " WHERE source = 'ecb' ORDER BY currency_code"
        )

    def runs(self) -> list[str]:
        """How the runs ended, oldest first."""
        return [outcome for (outcome,) in self.rows("SELECT outcome FROM collection_logs ORDER BY id")]

    def waiting(self, name: str) -> tuple[int, int]:
        """(visible, hidden or delayed) messages of a queue."""
        told = self.sqs().get_queue_attributes(QueueUrl=self.address(name), AttributeNames=["All"])[
            "Attributes"
        ]
        return int(told["ApproximateNumberOfMessages"]), int(
            told["ApproximateNumberOfMessagesNotVisible"]
        ) + int(told["ApproximateNumberOfMessagesDelayed"])

    def sqs(self) -> Any:
        return boto3.client(
            "sqs",
            endpoint_url=self.aws,
            region_name=CREDENTIALS["AWS_REGION"],
            aws_access_key_id="tests",
            aws_secret_access_key="tests",
        )

    def address(self, name: str) -> str:
        return f"{self.environment['SQS_QUEUE_BASE_URL']}/{name}"

    def make_queues(self) -> None:
        sqs = self.sqs()
        dead = sqs.create_queue(QueueName=DEAD)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
        for name in QUEUES:
            attributes = {"VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": redrive}
            sqs.create_queue(QueueName=name, Attributes=attributes)
        self.environment["SQS_QUEUE_BASE_URL"] = dead.rsplit("/", 1)[0]

    def forget(self) -> None:
        """The figures and runs that a test has left behind; its messages it has seen to the end."""
        for table in (
            "exchange_rate_history",
            "daily_exchange_rates",
            "latest_exchange_rates",
            "collection_logs",
        ):
            self.rows(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def close(self) -> None:
        self.stop_workers()
        if self._sender is not None:
            assert self._sender.stdin
            self._sender.stdin.close()
            self._sender.wait(10)
            assert self._sender.stdout
            self._sender.stdout.close()


def environment(folder: Path, ecb: str, **more: str) -> dict[str, str]:
    """What processes of a stage see: nothing of the developer's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {
        **kept,
        **CREDENTIALS,
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "ARCHIVE_URL": f"file://{folder / 'archive'}",
        "CACHE_URL": "locmem://",
        "LOG_FORMAT": "json",
        "PROVIDER_ECB_URL": ecb,
        "WORKER_PULSE_FILE": str(folder / "worker.pulse"),
        **more,
    }
