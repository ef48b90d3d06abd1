"""Connections that are kept: through a freeze, a server that hangs up, a failover, and over TLS."""

import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import redis as redis_client
import time_machine
from botocore.session import Session as Botocore
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core import signals
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from config.cache import shared
from config.mysql import token
from config.mysql.base import DatabaseWrapper
from tests import certificate
from tests.aws_server import CREDENTIALS
from tests.services.cable import Cable
from tests.services.login import Login

pytestmark = pytest.mark.skipif(
    django_settings.TEST_STACK != "services", reason="needs MariaDB and Redis: the second half of `make test`"
)
#: Nobody else's on a server that somebody may use.
USER = "tests_of_iam"


@pytest.fixture
def client(application: Any, transactional_db: None) -> Iterator[httpx.Client]:
    """Requests that begin and end as a server's do: what is kept between them is Django's decision."""
    with httpx.Client(transport=httpx.WSGITransport(app=application), base_url="http://testserver") as client:
        yield client
    connection.close()


@contextlib.contextmanager
def administrator() -> Iterator[Any]:
    """Somebody else on the same MariaDB."""
    import MySQLdb

    place = urlsplit(django_settings.TEST_MARIADB)
    with (
        contextlib.closing(
            MySQLdb.connect(
                host=place.hostname,
                port=place.port or 3306,
                user=place.username,
                password=place.password or "",
            )
        ) as other,
        other.cursor() as cursor,
    ):
        yield cursor


def a_request_passes() -> None:
    signals.request_finished.send(None)
    signals.request_started.send(None)


def asks_its_database(client: httpx.Client) -> tuple[int, int]:
    """(status, the connection's number at the server) of a request that a 503 would tell of."""
    status = client.get("/health/ready").status_code
    return status, connection.connection.thread_id()


# --- MariaDB ------------------------------------------------------------------------------------


def test_the_next_request_uses_the_same_connection(client):
    first = asks_its_database(client)

    assert asks_its_database(client) == (200, first[1])


def test_a_connection_that_was_closed_between_two_requests_fails_neither(client):
    _, number = asks_its_database(client)
    with administrator() as cursor:
        cursor.execute(f"KILL {number}")

    status, another = asks_its_database(client)

    assert status == 200
    assert another != number


@pytest.mark.parametrize(
    "around", [contextlib.nullcontext, transaction.atomic], ids=["alone", "in a transaction"]
)
def test_a_server_that_has_become_read_only_is_left_for_the_writer_after_one_failure(client, around):
    def write() -> None:
        with around():
            Session.objects.create(session_key="k" * 32, session_data="", expire_date=timezone.now())

    _, number = asks_its_database(client)
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
    with pytest.raises(OperationalError) as refused:
        write()
    assert refused.value.args[0] == 1792

    a_request_passes()
    write()

    assert connection.connection.thread_id() != number


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="an option of Linux")
def test_a_server_that_vanishes_without_a_word_is_given_up_after_three_seconds(client):
    """The kernel sees to it; that it does so was tried with a link taken down (decision 0024)."""
    asks_its_database(client)

    with socket.socket(fileno=os.dup(connection.connection.fileno())) as line:
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 3000


def test_any_other_failure_closes_no_connection_that_works(client):
    _, number = asks_its_database(client)
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM django_session")

    assert asks_its_database(client) == (200, number)


# --- passwords that IAM makes -------------------------------------------------------------------


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    token._credentials.cache_clear()
    token._made.clear()
    yield
    token._credentials.cache_clear()
    token._made.clear()


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    return certificate.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def tls(own_certificate: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_certificate)
    return context


@pytest.fixture
def rds(tls: ssl.SSLContext) -> Iterator[Login]:
    server = Login(tls)
    yield server
    server.close()


def as_told_by_botocore(port: int) -> str:
    """The token that AWS's own client makes at this moment."""
    made: str = (
        Botocore()
        .create_client("rds", region_name="ap-northeast-2")
        .generate_db_auth_token(DBHostname="127.0.0.1", Port=port, DBUsername=USER)
    )
    return made


def wrapper(**told: Any) -> DatabaseWrapper:
    """A connection of its own, beside the tests' one."""
    return DatabaseWrapper(connection.settings_dict | {"IAM_AUTH": True, "TEST": {}} | told, "default")


def connect(made: DatabaseWrapper) -> Any:
    return made.get_new_connection(made.get_connection_params())


def test_the_token_reaches_a_server_that_asks_for_it_over_tls(rds, own_certificate, aws):
    options = {"ssl_mode": "VERIFY_IDENTITY", "ssl": {"ca": own_certificate[0]}, "connect_timeout": 3}
    made = wrapper(HOST="127.0.0.1", PORT=str(rds.port), USER=USER, PASSWORD="", OPTIONS=options)

    with time_machine.travel("2026-11-26T03:00:00Z", tick=False):
        with pytest.raises(made.Database.OperationalError, match="1045"):
            connect(made)
        expected = as_told_by_botocore(rds.port)

    assert rds.passwords == [expected]


def test_a_server_whose_certificate_nobody_vouches_for_is_told_no_token(rds, aws):
    options = {"ssl_mode": "VERIFY_IDENTITY", "connect_timeout": 3}
    made = wrapper(HOST="127.0.0.1", PORT=str(rds.port), USER=USER, PASSWORD="", OPTIONS=options)

    with pytest.raises(made.Database.OperationalError, match="self-signed certificate"):
        connect(made)

    assert rds.passwords == []


def test_a_server_without_tls_is_told_no_token(aws):
    place = urlsplit(django_settings.TEST_MARIADB)
    options = {"ssl_mode": "VERIFY_IDENTITY", "connect_timeout": 3}
    made = wrapper(HOST="127.0.0.1", PORT=str(place.port or 3306), USER=USER, PASSWORD="", OPTIONS=options)

    with pytest.raises(made.Database.OperationalError, match="SSL is required"):
        connect(made)


def test_mariadb_lets_in_whoever_brings_the_token_of_the_moment(aws):
    port = urlsplit(django_settings.TEST_MARIADB).port or 3306
    with time_machine.travel("2026-11-26T03:00:00Z", tick=False), administrator() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE USER '{USER}'@'127.0.0.1' IDENTIFIED BY %s", [as_told_by_botocore(port)]
        )
        try:
            made = wrapper(HOST="127.0.0.1", PORT=str(port), USER=USER, PASSWORD="", NAME="", OPTIONS={})
            with contextlib.closing(connect(made)) as let_in, let_in.cursor() as asking:
                asking.execute("SELECT CURRENT_USER()")
                assert asking.fetchone() == (f"{USER}@127.0.0.1",)
        finally:
            cursor.execute(f"DROP USER '{USER}'@'127.0.0.1'")


def test_a_token_is_used_again_for_ten_minutes_of_the_fifteen_that_it_is_good_for(aws):
    def told(minute: str) -> str:
        with time_machine.travel(f"2026-11-26T03:{minute}Z", tick=False):
            return token.current(host="db.example.org", port=3306, user="app")

    first = told("00:00")

    assert "X-Amz-Expires=900" in first
    assert told("09:59") == first
    assert told("10:00") != first


def test_each_server_and_user_has_a_token_of_its_own(aws):
    asked = [
        ("a.example.org", 3306, "app"),
        ("b.example.org", 3306, "app"),
        ("a.example.org", 3306, "migrate"),
    ]

    tokens = {token.current(host=host, port=port, user=user) for host, port, user in asked}

    assert len(tokens) == 3


# --- Redis ----------------------------------------------------------------------------------------


def test_a_cache_that_hung_up_between_two_requests_is_asked_again_without_a_failure():
    shared.put("kept", "value", 60)
    ours = cache.client.get_client().client_id()  # type: ignore[attr-defined]
    with contextlib.closing(redis_client.Redis.from_url(django_settings.TEST_REDIS)) as other:
        other.client_kill_filter(_id=str(ours))

    assert shared.get("kept") == "value"
    assert shared._resting_until == 0.0
    assert cache.client.get_client().client_id() != ours  # type: ignore[attr-defined]


@pytest.fixture
def encrypted(tls: ssl.SSLContext, settings: Any) -> Iterator[Callable[[str], Any]]:
    """Our cache at the tests' Redis, over TLS and with what is added to its address."""
    place = urlsplit(django_settings.TEST_REDIS)
    cable = Cable(place.hostname or "127.0.0.1", place.port or 6379, tls=tls)

    def at(words: str) -> Any:
        address = f"rediss://127.0.0.1:{cable.port}{place.path}{words}"
        return type(cache._connections[cache._alias])(address, settings.CACHES["default"])  # type: ignore[attr-defined]

    yield at
    cable.pull()


def test_redis_is_spoken_to_over_tls_where_its_certificate_is_vouched_for(encrypted, own_certificate):
    trusting = encrypted(f"?ssl_ca_certs={own_certificate[0]}")
    trusting.set("encrypted", "value", 5)
    assert trusting.get("encrypted") == "value"

    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        encrypted("").get("encrypted")
