"""The service as in production, from a figure at its provider to a place in the ranking; then parts of it fail.

Settings of production, told as there: secrets from the Parameter Store, the archive in S3, tasks over
SQS, selections in DynamoDB (moto over HTTP, through a cable), MariaDB, Redis and librdkafka's own
Kafka. A web server, a worker and a provider are processes and sockets of their own. What fails, fails
alone, and heals.
"""

import contextlib
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import redis
from django.conf import settings

from deploy.rehearsal import account as accounts
from tests import aws_server
from tests.bench.server import free_port, wait
from tests.events import mock_kafka
from tests.ingestor.provider_server import Answer, ProviderServer
from tests.services.cable import Cable
from tests.tasks.stage import DEAD, ECB, QUEUES, RECEIVES, VISIBILITY, Stage, ecb_answer, until

DATABASE = f"{urlsplit(settings.TEST_MARIADB).path.lstrip('/')}_production"
#: A database of Redis of our own.
REDIS = f"{settings.TEST_REDIS.rpartition('/')[0]}/12"
SERVICES = {"SQS": b"AmazonSQS.", "DynamoDB": b"DynamoDB_"}
HOST = "travel.example.com"
#: Won, by the bank's table: a euro is 1491.76 won, and 1.1172 dollars.
DOLLAR = 1335.266738


@dataclass
class Production:
    stage: Stage
    account: accounts.Account
    aws: Cable
    redis: Cable
    kafka: mock_kafka.MockKafka
    provider: ProviderServer
    client: httpx.Client
    #: The ids of selections that have been answered with 201.
    acknowledged: set[str] = field(default_factory=set)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def latest(self, *symbols: str) -> tuple[int, Any]:
        """(status, won for each of these) as the API tells it now."""
        answer = self.get(f"/api/v1/currencies/latest?symbols={','.join(symbols)}")
        return answer.status_code, answer.json()["data"]["rates"] if answer.is_success else None

    def select(self, user: str, key: str | None = None) -> httpx.Response:
        """A traveller chooses Japan; under a key the same choice may be sent again, and counts once."""
        answer = self.client.post(
            "/api/v1/rankings/selections",
            json={"user_id": user, "country_code": "JP"},
            headers={"Idempotency-Key": key} if key else {},
        )
        if answer.status_code == 201:
            self.acknowledged.add(answer.json()["data"]["selection_id"])
        return answer

    def ranked(self) -> int:
        """How many selections the ranking of the day tells of now; -1 where it cannot be told."""
        answer = self.get("/api/v1/rankings?period=daily")
        return int(answer.json()["data"]["totals"]["selections"]) if answer.is_success else -1

    def has_ranked_what_it_acknowledged(self) -> bool:
        return self.ranked() == len(self.acknowledged)

    def send(self, task: str, **kwargs: str) -> None:
        assert self.stage.send(task, kwargs) == "sent"

    def sweep(self) -> None:
        """As beat does every five minutes; a web server that SQS has just failed announces nothing."""
        self.send("ranking.recalculate")

    def runs(self) -> list[str]:
        """How collections have ended, oldest first."""
        return [
            outcome for (outcome,) in execute("SELECT outcome FROM collection_logs ORDER BY id", DATABASE)
        ]

    def archived(self, provider: str) -> list[bytes]:
        """What the archive keeps of a provider, as it lies there."""
        s3, bucket = self.account.client("s3"), self.account.bucket("data-backup")
        keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        meant = [key for key in keys if f"/{provider}/" in key]
        return [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in meant]

    def told(self) -> set[tuple[str, str]]:
        """(type, key) of what others have been told."""
        topics = ("currency.rates", "currency.selections", "currency.rankings")
        return {(one.headers["ce_type"], one.key) for one in self.kafka.messages(*topics)}

    def health(self) -> tuple[int, str, set[str]]:
        """(status, what it says of itself, dependencies that are unhealthy)."""
        answer = self.get("/health")
        told = answer.json()["data"]
        ill = {name for name, part in told["dependencies"].items() if part["status"] == "unhealthy"}
        return answer.status_code, told["status"], ill

    def aws_hangs_up_on(self, service: str) -> None:
        """One service of AWS closes every connection that asks it something; the others answer."""
        self.aws.answer(b"", to=SERVICES[service])

    def heal(self) -> None:
        self.aws.plug()
        self.redis.plug()
        self.provider.answer(ECB, ecb_answer())
        until(lambda: self.health()[0::2] == (200, set()), "everything is well again")


def execute(statement: str, database: str | None = None) -> Any:
    import MySQLdb

    place = urlsplit(settings.TEST_MARIADB)
    login = {"user": place.username, "password": place.password or ""} | (
        {"db": database} if database else {}
    )
    with (
        contextlib.closing(MySQLdb.connect(host=place.hostname, port=place.port or 3306, **login)) as server,
        server.cursor() as cursor,
    ):
        cursor.execute(statement)
        return cursor.fetchall()


def forget_what_is_cached() -> None:
    """Ours alone: the Redis may be somebody's."""
    with contextlib.closing(redis.Redis.from_url(REDIS)) as server:
        for key in server.scan_iter("cts1:*"):
            server.delete(key)


def furnish(account: accounts.Account, cache: Cable) -> None:
    """An account as Terraform leaves it, only that messages of dead workers come again soon."""
    place = urlsplit(settings.TEST_MARIADB)
    server = f"{place.username}:{place.password or ''}@{place.hostname}:{place.port or 3306}"
    accounts.furnish(
        account, database=f"mysql://{server}/{DATABASE}", cache=f"redis://127.0.0.1:{cache.port}/12"
    )
    sqs = account.client("sqs")
    arn = f"arn:aws:sqs:{accounts.REGION}:{account.number}:{DEAD}"
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
    for name in QUEUES:
        attributes = {"VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": redrive}
        sqs.set_queue_attributes(QueueUrl=f"{account.queue_base_url}/{name}", Attributes=attributes)


@contextlib.contextmanager
def web_server(stage: Stage) -> Iterator[httpx.Client]:
    """Whoever asks it has come through a proxy that ended TLS."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--blocking-threads", "1", "--log-level", "error"]
    headers = {"Host": HOST, "X-Forwarded-Proto": "https"}
    with (
        (stage.folder / "web.log").open("wb") as log,
        subprocess.Popen(
            [*command, "config.wsgi:application"],
            cwd=aws_server.ROOT,
            env=stage.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        try:
            wait(port)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
                yield client
        finally:
            server.terminate()
            server.wait(10)


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    if settings.TEST_STACK != "services":
        pytest.skip("needs MariaDB and Redis: the second half of `make test`")
    folder = tmp_path_factory.mktemp("production")
    named = "from deploy.package import name_static_files; name_static_files()"
    subprocess.run([sys.executable, "-c", named], cwd=aws_server.ROOT, check=True)
    forget_what_is_cached()
    execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    place = urlsplit(REDIS)
    with aws_server.running() as address, contextlib.ExitStack() as at_the_end:
        aws = Cable("127.0.0.1", urlsplit(address).port or 0)
        cache = Cable(place.hostname or "127.0.0.1", place.port or 6379)
        provider = ProviderServer()
        for close in (aws.pull, cache.pull, provider.close):
            at_the_end.callback(close)
        kafka = at_the_end.enter_context(mock_kafka.running())
        account = accounts.Account(address)
        furnish(account, cache)
        seen = accounts.Account(f"http://127.0.0.1:{aws.port}")
        told = accounts.environment(seen) | {
            "PATH": os.environ["PATH"],
            "PROXY_SETS_FORWARDED_PROTO": "true",
            "PROVIDER_ECB_URL": provider.url,
            "SQS_WAIT_SECONDS": "1",
            "KAFKA_BOOTSTRAP_SERVERS": kafka.address,
            "WORKER_PULSE_FILE": str(folder / "worker.pulse"),
        }
        stage = Stage(folder, told, address)
        at_the_end.callback(stage.close)
        for words in (["migrate", "--verbosity", "0"], ["create_tables"]):
            done = stage.manage(*words)
            assert done.returncode == 0, done.stderr
        client = at_the_end.enter_context(web_server(stage))
        stage.start()
        yield Production(stage, account, aws, cache, kafka, provider, client)
    forget_what_is_cached()
    execute(f"DROP DATABASE {DATABASE}")


@pytest.fixture
def production(staged: Production) -> Iterator[Production]:
    yield staged
    staged.aws.plug()
    staged.redis.plug()


def test_a_figure_and_a_choice_find_their_way_to_the_page(production):
    published = ecb_answer()
    production.provider.answer(ECB, published)
    assert production.latest("USD") == (200, {})

    production.send("ingestor.collect", provider="ecb")

    until(lambda: production.latest("USD") == (200, {"USD": DOLLAR}), "the API tells the rate")
    [kept] = production.archived("ecb")
    assert gzip.decompress(kept) == published.body

    assert production.select("first").status_code == 201

    until(production.has_ranked_what_it_acknowledged, "the worker has ranked it")
    page = production.get("/en/").text
    assert "1,335.27" in page
    assert "Today: 1 Japan" in page

    everything = {
        ("rates.published", "ecb:USD/KRW"),
        ("selection.recorded", "JP"),
        ("ranking.computed", "daily"),
    }
    until(lambda: everything <= production.told(), "others are told of all of it")


def test_without_redis_everything_is_answered_as_before(production):
    production.redis.pull()

    assert production.latest("USD", "JPY")[0] == 200
    assert production.latest("USD") == (200, {"USD": DOLLAR})
    assert production.get("/en/rankings?period=weekly").status_code == 200
    assert production.select("without Redis").status_code == 201
    assert production.health() == (200, "degraded", {"cache"})

    production.heal()
    until(production.has_ranked_what_it_acknowledged, "what was chosen meanwhile is ranked")


def test_without_sqs_a_choice_is_kept_and_the_schedule_ranks_it_afterwards(production):
    production.aws_hangs_up_on("SQS")
    before = production.ranked()

    assert production.latest("USD", "EUR")[0] == 200
    assert production.get("/en/rankings?period=monthly").status_code == 200
    assert production.select("without SQS").status_code == 201
    assert production.health() == (200, "degraded", {"queue"})

    production.heal()
    assert production.ranked() == before
    production.sweep()
    until(production.has_ranked_what_it_acknowledged, "the sweep has ranked it")


def test_without_dynamodb_no_choice_is_acknowledged_and_rates_are_told(production):
    until(lambda: "Today: 1 Japan" in production.get("/en/").text, "the ranking is on the page")
    production.aws_hangs_up_on("DynamoDB")

    refused = production.select("without DynamoDB", key="the-same")
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert production.latest("USD", "CHF")[0] == 200
    # The ranking that was told last goes on being told. Who asks for what has not been told is refused.
    assert production.get("/api/v1/rankings?period=daily").status_code == 200
    assert production.get("/api/v1/rankings/stats/JP").status_code == 503
    assert production.get("/en/convert").status_code == 200
    assert production.health() == (200, "degraded", {"selections_store"})

    production.heal()
    assert production.select("without DynamoDB", key="the-same").status_code == 201
    assert production.select("without DynamoDB", key="the-same").status_code == 201
    production.sweep()
    until(production.has_ranked_what_it_acknowledged, "it is ranked, and once")


def test_without_its_provider_the_last_figures_are_told_and_nothing_is_a_dead_letter(production):
    production.provider.answer(ECB, Answer(status=503))

    production.send("ingestor.collect_now", provider="ecb")

    until(lambda: production.runs()[-1] == "failure", "the run has failed")
    assert production.latest("USD", "GBP")[1]["USD"] == DOLLAR
    assert production.select("without the bank").status_code == 201

    production.heal()
    production.send("ingestor.collect_now", provider="ecb")
    until(lambda: production.runs()[-1] == "data", "the next run has collected")
    production.sweep()
    until(production.has_ranked_what_it_acknowledged, "what was chosen meanwhile is ranked")
    assert production.stage.waiting(DEAD) == (0, 0)
