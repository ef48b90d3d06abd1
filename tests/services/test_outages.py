"""Redis and MariaDB going away under a running server, and coming back: nothing has to be restarted."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import redis as redis_client
from django.conf import settings

from tests.services.cable import Cable

ROOT = Path(__file__).resolve().parent.parent.parent
LATEST = "/api/v1/currencies/latest"
DATABASE = "currency_outage"


@dataclass
class Running:
    client: httpx.Client
    redis: Cable
    mariadb: Cable


def _admin(statement: str) -> None:
    import MySQLdb

    address = urlsplit(settings.TEST_MARIADB)
    connection = MySQLdb.connect(
        host=address.hostname,
        port=address.port or 3306,
        user=address.username,
        password=address.password or "",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)


def _forget_earlier_runs() -> None:
    server = redis_client.Redis.from_url(settings.TEST_REDIS)
    for key in server.scan_iter("cts1:*"):
        server.delete(key)
    server.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """Our server as it runs in production, on MariaDB and Redis through cables, with one rate in it."""
    if settings.TEST_STACK != "services":
        pytest.skip("needs MariaDB and Redis: the second half of `make test`")
    maria, redis = urlsplit(settings.TEST_MARIADB), urlsplit(settings.TEST_REDIS)
    cables = {
        "mariadb": Cable(maria.hostname or "127.0.0.1", maria.port or 3306),
        "redis": Cable(redis.hostname or "127.0.0.1", redis.port or 6379),
    }
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATABASE_URL": f"mysql://{maria.username}:{maria.password or ''}@127.0.0.1:{cables['mariadb'].port}/{DATABASE}",
        "CACHE_URL": f"redis://127.0.0.1:{cables['redis'].port}{redis.path}",
        "LOG_FORMAT": "json",
        # Runs of the same hour share this address; they are not what is tested here.
        "LIMIT_ANONYMOUS": "1000000000",
    }
    _forget_earlier_runs()
    _admin(f"DROP DATABASE IF EXISTS {DATABASE}")
    _admin(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4")
    prepare = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        "from datetime import UTC, date, datetime\n"
        "from currency.models import LatestRate\n"
        "LatestRate.objects.create(source='ecb', currency_code='USD', deal_base_rate='1335.27',\n"
        "    recorded_at=datetime(2026, 10, 30, 13, 15, tzinfo=UTC), rate_date=date(2026, 10, 30),\n"
        "    first_date=date(1999, 1, 4))\n"
    )
    subprocess.run([sys.executable, "-c", prepare], cwd=ROOT, env=environment, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait_for(client)
            yield Running(client, cables["redis"], cables["mariadb"])
        server.terminate()
        server.wait(10)
    _admin(f"DROP DATABASE {DATABASE}")


def _wait_for(client: httpx.Client) -> None:
    for _ in range(150):
        try:
            client.get("/health/live")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not start within 15 s")


def _until(client: httpx.Client, path: str, status: int) -> httpx.Response:
    """What `path` answers once it answers `status`; healing may take a moment."""
    deadline = time.monotonic() + 15
    while (answer := client.get(path)).status_code != status and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer


def test_servers_go_away_one_after_the_other_and_come_back(running):
    client = running.client
    assert client.get(LATEST).json()["data"]["rates"]["USD"] == 1335.27

    running.redis.pull()
    without_redis = client.get(f"{LATEST}?symbols=USD")
    assert (without_redis.status_code, without_redis.json()["data"]["source"]) == (200, "database")
    health = client.get("/health").json()["data"]
    assert (health["status"], health["dependencies"]["cache"]["status"]) == ("degraded", "unhealthy")

    running.mariadb.pull()
    known = client.get(LATEST)
    assert (known.status_code, known.json()["data"]["rates"]["USD"]) == (200, 1335.27)
    unknown = client.get(f"{LATEST}?symbols=USD&base=EUR")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert unknown.headers["Cache-Control"] == "no-store"
    assert client.get("/health").status_code == 503
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200

    running.mariadb.plug()
    assert _until(client, f"{LATEST}?symbols=USD&details=true", 200).status_code == 200
    running.redis.plug()
    time.sleep(5.1)  # the rest given to a cache that failed
    healed = client.get("/health").json()["data"]
    assert (healed["dependencies"]["database"]["status"], healed["dependencies"]["cache"]["status"]) == (
        "healthy",
        "healthy",
    )


def test_a_cache_that_keeps_silent_fails_no_read(running):
    running.redis.silence()

    answers = [running.client.get(f"{LATEST}?symbols=USD,{code}") for code in ("JPY", "EUR", "CHF", "GBP")]
    running.redis.plug()

    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.json()["data"]["source"] for answer in answers] == ["database"] * 4
