"""`python -m tests.bench.selections`: is every acknowledged selection stored and counted, under fire?

Real clients send selections over HTTP to gunicorn, some of them twice, each with an idempotency key
and again until it is acknowledged; meanwhile the server is killed (SIGKILL) twice and started again,
and a Celery worker computes rankings from SQS. Then three sets are compared: the ids that clients
were told, the ids that are stored, and what is counted. Ends with 1 where they differ.

    python -m tests.bench.selections --store sql --clients 16 --each 2000
    python -m tests.bench.selections --store dynamodb --kills 0      # plain throughput
"""

import argparse
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.aws_server import CREDENTIALS, running
from tests.bench.server import ROOT, free_port, wait

MARIADB = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency")
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
COUNTRIES = ["JP", "VN", "TH", "US", "TW", "CN", "PH", "SG", "FR", "ES"]
#: Japan is chosen as often as the rest together: one hot country is the hard case.
WEIGHTS = [9, 3, 1, 1, 1, 1, 1, 1, 0.5, 0.5]
QUEUES = ("ranking-calculation-queue", "data-processing-queue")
#: Of the requests, sent once more with the same key although they were acknowledged.
AGAIN = 0.1


@dataclass
class Seen:
    """What one client was told."""

    ids: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    sent: int = 0
    unanswered: int = 0
    contradicted: int = 0


class Server:
    """gunicorn with two workers of four threads, which can be killed and started again."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            *(
                sys.executable,
                "-m",
                "gunicorn",
                "config.wsgi:application",
                "--bind",
                f"127.0.0.1:{self.port}",
            ),
            *("--workers", "2", "--threads", "4", "--log-level", "critical", "--backlog", "512"),
        ]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL, start_new_session=True
        )
        wait(self.port)

    def kill(self) -> None:
        """All at once, in the middle of whatever they do."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(30)


def client(port: int, each: int, seed: int, seen: Seen, done: Iterator[None]) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same run every time
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for _ in range(each):
        body = json.dumps(
            {
                "user_id": f"traveller-{dice.randrange(2000)}",
                "country_code": dice.choices(COUNTRIES, WEIGHTS)[0],
            }
        )
        key = str(uuid.UUID(int=dice.getrandbits(128)))
        began = time.perf_counter()
        told = _until_acknowledged(connection, body, key, seen)
        seen.seconds.append(time.perf_counter() - began)
        seen.ids.append(told)
        next(done)
        if dice.random() < AGAIN and _until_acknowledged(connection, body, key, seen) != told:
            seen.contradicted += 1


def _until_acknowledged(connection: http.client.HTTPConnection, body: str, key: str, seen: Seen) -> str:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    while True:
        seen.sent += 1
        try:
            connection.request("POST", "/api/v1/rankings/selections", body, headers)
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException):
            seen.unanswered += 1
            connection.close()
            time.sleep(0.05)
            continue
        if answer.status == 201:
            return str(json.loads(told)["data"]["selection_id"])
        if answer.status < 500:
            raise SystemExit(f"refused: {told!r}")
        seen.unanswered += 1
        time.sleep(0.05)


@contextmanager
def installation(store: str) -> Iterator[dict[str, str]]:
    """The environment of a service of its own: MariaDB, Redis, SQS, and the store; migrated."""
    import MySQLdb

    parts = urlsplit(MARIADB)
    name = "currency_bench_selections"
    login: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 3306,
        "user": parts.username or "root",
        "password": parts.password or "",
    }
    with MySQLdb.connect(**login) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    with running() as aws, tempfile.TemporaryDirectory(prefix="selections-") as folder:
        environment = {
            **os.environ,
            **CREDENTIALS,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")),
            "CACHE_URL": REDIS,
            "ARCHIVE_URL": f"file://{folder}/archive",
            "CELERY_BROKER_URL": "sqs://",
            "SQS_QUEUE_BASE_URL": f"{aws}/123456789012",
            "AWS_ENDPOINT_URL": aws,
            "SELECTION_STORE": store,
            "LIMIT_SELECTIONS": "1000000000",
            "LIMIT_ANONYMOUS": "1000000000",
            "LOG_LEVEL": "ERROR",
            "ACCESS_LOG": "true",
            "WORKER_PULSE_FILE": f"{folder}/worker.pulse",
        }
        os.environ.update({key: environment[key] for key in CREDENTIALS} | {"AWS_ENDPOINT_URL": aws})
        _make_queues(aws)
        _manage(environment, "migrate", "--verbosity", "0")
        _manage(environment, "create_tables")
        yield environment


def _make_queues(aws: str) -> None:
    import boto3

    sqs = boto3.client("sqs", endpoint_url=aws, region_name=CREDENTIALS["AWS_REGION"])
    for name in QUEUES:
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "90"})


def _manage(environment: dict[str, str], *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


_STORED = """
import json
from datetime import UTC, datetime, timedelta
from ranking.stores import store
from ranking.window import seoul_day
today = seoul_day(datetime.now(UTC))
days = [today, today - timedelta(days=1)]
ids = [selection.selection_id for day in days for selection in store().selections(day)]
counts = [count for day in store().counts(days).values() for count in day.values()]
print(json.dumps([ids, sum(c.selections for c in counts), sum(c.visitors for c in counts)]))
"""


def _stored(environment: dict[str, str]) -> tuple[list[str], int, int]:
    """The ids that are stored, and the selections and visitors that are counted."""
    told = _manage(environment, "shell", "--no-imports", "-c", _STORED)
    ids, selections, visitors = json.loads(told.splitlines()[-1])
    return ids, selections, visitors


def _ranked(port: int, expected: int) -> tuple[int, float]:
    """What the weekly ranking of the API counts once it counts `expected`, and the seconds until then."""
    began = time.monotonic()
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/rankings?period=weekly") as answer:
            counted = int(json.load(answer)["data"]["totals"]["selections"])
        waited = time.monotonic() - began
        if counted == expected or waited > 60:
            return counted, waited
        time.sleep(0.1)


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "-c", "1", "-l", "ERROR"]
    command += ["-Q", QUEUES[0], "--without-gossip", "--without-mingle"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def _fire(server: Server, clients: int, each: int, kills: int) -> tuple[list[Seen], float]:
    """All clients at once; the server is killed when they have come equal parts of the way."""
    acknowledged = 0
    total = clients * each
    lock = threading.Lock()

    def counted() -> Iterator[None]:
        nonlocal acknowledged
        while True:
            with lock:
                acknowledged += 1
            yield

    seen = [Seen() for _ in range(clients)]
    threads = [
        threading.Thread(target=client, args=(server.port, each, number, seen[number], counted()))
        for number in range(clients)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    marks = [total * (number + 1) // (kills + 1) for number in range(kills)]
    told = 0.0
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.05)
        if marks and acknowledged >= marks[0]:
            server.kill()
            print(f"  killed at {acknowledged:,} of {total:,}", flush=True)
            server.start()
            marks.pop(0)
        if time.perf_counter() - told > 10:
            told = time.perf_counter()
            print(f"  {acknowledged:,} of {total:,} acknowledged", flush=True)
    return seen, time.perf_counter() - began


def prove(store: str, clients: int, each: int, kills: int) -> bool:
    """Run it once and print what was found; whether the three numbers agree."""
    print(f"{store}: {clients} clients × {each:,} selections, {kills} kills", flush=True)
    with installation(store) as environment, worker(environment):
        server = Server(environment)
        server.start()
        try:
            seen, seconds = _fire(server, clients, each, kills)
            ranked, waited = _ranked(server.port, clients * each)
        finally:
            server.stop()
        ids, counted, visitors = _stored(environment)
    acknowledged = [told for each_client in seen for told in each_client.ids]
    times = sorted(second * 1000 for each_client in seen for second in each_client.seconds)
    cuts = quantiles(times, n=100)
    sent = sum(each_client.sent for each_client in seen)
    unanswered = sum(each_client.unanswered for each_client in seen)
    contradicted = sum(each_client.contradicted for each_client in seen)
    right = (
        sorted(acknowledged) == sorted(ids)
        and len(set(ids)) == len(ids) == counted
        and not contradicted
        and ranked == counted
    )
    print(
        f"  acknowledged {len(set(acknowledged)):,} = stored {len(ids):,} = counted {counted:,}"
        f"  (ranked {ranked:,} after {waited:.1f} s; visitors {visitors:,})"
    )
    print(
        f"  {sent:,} requests, {sent - len(acknowledged):,} of them again, {unanswered:,} unanswered, "
        f"{contradicted} contradicted"
    )
    print(
        f"  {len(acknowledged) / seconds:,.0f} acknowledged a second, p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms"
    )
    print("  equal" if right else "  DIFFERENT", flush=True)
    return right


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", choices=("sql", "dynamodb", "both"), default="both")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--each", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=2)
    chosen = parser.parse_args()
    stores = ("sql", "dynamodb") if chosen.store == "both" else (chosen.store,)
    results = [prove(store, chosen.clients, chosen.each, chosen.kills) for store in stores]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
