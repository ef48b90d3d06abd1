"""What the tests of events share: a Kafka of their own, and the stream turned on."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.events import mock_kafka
from tests.events.mock_kafka import MockKafka


@pytest.fixture
def stream(settings: Any) -> None:
    """Events are noted down; nobody is there to take them."""
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"


@pytest.fixture
def kafka(settings: Any) -> Iterator[MockKafka]:
    """The stream is on, and Kafka is there."""
    with mock_kafka.running() as cluster:
        settings.KAFKA_BOOTSTRAP_SERVERS = cluster.address
        yield cluster
