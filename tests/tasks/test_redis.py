"""The same worker on Redis and MariaDB: what the embedded stack has proven on SQS is not repeated."""

import contextlib
import signal
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import settings

from tests.ingestor.provider_server import ProviderServer
from tests.tasks.stage import ECB, Stage, ecb_answer, environment, until

DATABASE = f"{urlsplit(settings.TEST_MARIADB).path.lstrip('/')}_tasks"
#: What Celery's queues are in Redis; nothing else there is ours.
KEYS = ("data-processing-queue", "ranking-calculation-queue", "unacked*", "_kombu.binding*")


def connect(**options):
    import MySQLdb

    address = urlsplit(settings.TEST_MARIADB)
    return MySQLdb.connect(
        host=address.hostname,
        port=address.port or 3306,
        user=address.username,
        password=address.password or "",
        **options,
    )


def execute(statement):
    with contextlib.closing(connect()) as connection, connection.cursor() as cursor:
        cursor.execute(statement)


def forget_messages():
    with contextlib.closing(redis.Redis.from_url(settings.TEST_REDIS)) as server:
        for pattern in KEYS:
            for key in server.scan_iter(pattern):
                server.delete(key)


@pytest.fixture
def stage(tmp_path, provider_server):
    if settings.TEST_STACK != "services":
        pytest.skip("needs MariaDB and Redis: the second half of `make test`")
    address = urlsplit(settings.TEST_MARIADB)
    server = f"mysql://{address.username}:{address.password or ''}@{address.hostname}:{address.port or 3306}"
    told = environment(
        tmp_path,
        provider_server.url,
        CELERY_BROKER_URL=settings.TEST_REDIS,
        CACHE_URL=settings.TEST_REDIS,
        DATABASE_URL=f"{server}/{DATABASE}",
    )
    forget_messages()
    execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    stage = Stage(tmp_path, told)
    migrated = stage.manage("migrate", "--verbosity", "0")
    assert migrated.returncode == 0, migrated.stderr
    yield stage
    stage.close()
    execute(f"DROP DATABASE {DATABASE}")
    forget_messages()


def collected():
    with contextlib.closing(connect(db=DATABASE)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), COUNT(DISTINCT currency_code) FROM exchange_rate_history")
        return cursor.fetchone() == (29, 29)


def test_a_task_is_done_its_worker_shows_signs_of_life_and_stops_when_told(
    stage, provider_server: ProviderServer
):
    provider_server.answer(ECB, ecb_answer())
    worker = stage.start()
    pulse = stage.folder / "worker.pulse"
    shown = pulse.stat().st_mtime

    until(lambda: pulse.stat().st_mtime > shown, "its heart beats")
    stage.send("ingestor.collect", {"provider": "ecb"}, delay=1)
    until(collected, "the figures are stored")
    worker.process.send_signal(signal.SIGTERM)

    assert worker.process.wait(30) == 0
