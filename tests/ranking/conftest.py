"""What the rankings' tests share: a DynamoDB of their own, played by moto over HTTP."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from django.conf import settings as django_settings

from config import aws
from ranking.stores import SelectionStore
from ranking.stores.dynamodb import DynamoStore
from ranking.stores.sql import SqlStore
from tests import aws_server


@pytest.fixture(scope="session")
def aws_address() -> Iterator[str]:
    with aws_server.running() as address:
        yield address


@pytest.fixture
def dynamodb(aws_address: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[DynamoStore]:
    """The store on empty tables."""
    for name, value in aws_server.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    urllib.request.urlopen(f"{aws_address}/moto-api/reset", data=b"").close()  # noqa: S310 - our own server
    settings.AWS_ENDPOINT_URL = aws_address
    forget_clients()
    made = DynamoStore()
    made.create_tables()
    yield made
    forget_clients()


def forget_clients() -> None:
    """The next call makes its client anew, with the settings of that moment."""
    aws.client.cache_clear()


@pytest.fixture(params=["sql", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> SelectionStore:
    """Each store in turn: what it does has to be the same."""
    if request.param == "sql":
        return SqlStore()
    if django_settings.TEST_STACK == "services":
        pytest.skip("neither database nor cache takes part: TEST_STACK=embedded runs this")
    made: DynamoStore = request.getfixturevalue("dynamodb")
    return made


@pytest.fixture
def hurried() -> Iterator[None]:
    """Two attempts of whatever is tried again, without a wait."""
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)
