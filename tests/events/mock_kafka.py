"""A Kafka for the tests: librdkafka's own mock cluster, three brokers on real sockets.

It keeps messages, acknowledges them, checks an idempotent producer's sequence, and does on demand what a
cluster does on a bad day. It has no authentication and no TLS. It is driven through its C interface, which
Python's binding leaves out; an error code is Kafka's own.
"""

import ctypes
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import confluent_kafka
from confluent_kafka import Consumer, KafkaError, TopicPartition

BROKERS = (1, 2, 3)
#: Kafka's number of the request that brings messages.
PRODUCE = 0


@dataclass(frozen=True, slots=True)
class Message:
    """One that Kafka has; `place` is its partition and its offset there."""

    topic: str
    place: tuple[int, int]
    key: str
    headers: dict[str, str]
    value: bytes

    @property
    def id(self) -> str:
        return self.headers["ce_id"]


class MockKafka:
    def __init__(self, library: ctypes.CDLL, cluster: ctypes.c_void_p) -> None:
        self._library = library
        self._cluster = cluster
        bootstraps = library.rd_kafka_mock_cluster_bootstraps
        bootstraps.restype = ctypes.c_char_p
        self.address: str = bootstraps(cluster).decode()
        self._watcher = self._consumer()

    def _consumer(self) -> Any:
        return Consumer(
            {"bootstrap.servers": self.address, "group.id": "tests", "enable.partition.eof": True}
        )

    def go(self) -> None:
        """All brokers are gone; what they have is there when they come back."""
        for broker in BROKERS:
            self._library.rd_kafka_mock_broker_set_down(self._cluster, broker)

    def come_back(self) -> None:
        for broker in BROKERS:
            self._library.rd_kafka_mock_broker_set_up(self._cluster, broker)

    def lag(self, milliseconds: int) -> None:
        """Every answer takes so long."""
        for broker in BROKERS:
            self._library.rd_kafka_mock_broker_set_rtt(self._cluster, broker, milliseconds)

    def answer_produce(self, *codes: int) -> None:
        """What the next requests that bring messages are answered; 0 is what is usual."""
        errors = (ctypes.c_int * len(codes))(*codes)
        push = self._library.rd_kafka_mock_push_request_errors_array
        push(self._cluster, ctypes.c_int16(PRODUCE), ctypes.c_size_t(len(codes)), errors)

    def make_topic(self, name: str, *, partitions: int) -> None:
        """One that nobody has made is made when it is first spoken of, with four."""
        code = self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1)
        assert code == 0, code

    def count(self, topic: str) -> int:
        """How many messages it has of a topic."""
        partitions = self._watcher.list_topics(topic, timeout=10).topics[topic].partitions
        return sum(
            self._watcher.get_watermark_offsets(TopicPartition(topic, one), 10)[1] for one in partitions
        )

    def close(self) -> None:
        self._watcher.close()

    def messages(self, *topics: str) -> list[Message]:
        """Everything that is in these topics; of a partition in its order."""
        consumer = self._consumer()
        try:
            known = consumer.list_topics(timeout=10).topics
            places = [
                TopicPartition(topic, number, confluent_kafka.OFFSET_BEGINNING)
                for topic in topics
                if topic in known
                for number in known[topic].partitions
            ]
            consumer.assign(places)
            return list(_read(consumer, len(places)))
        finally:
            consumer.close()


def _read(consumer: Any, partitions: int) -> Iterator[Message]:
    ended = 0
    while ended < partitions:
        got = consumer.poll(10)
        assert got is not None, "the mock cluster does not answer"
        if got.error() is not None:
            assert got.error().code() == KafkaError._PARTITION_EOF, got.error()
            ended += 1
            continue
        headers = {name: value.decode() for name, value in got.headers()}
        place = (got.partition(), got.offset())
        yield Message(got.topic(), place, got.key().decode(), headers, got.value())


def by_key(messages: list[Message]) -> dict[str, list[Message]]:
    """In the order of Kafka, which has all of a key in one partition."""
    found: dict[str, list[Message]] = defaultdict(list)
    for one in messages:
        found[one.key].append(one)
    for several in found.values():
        assert len({one.place[0] for one in several}) == 1
    return dict(found)


@contextmanager
def running() -> Iterator[MockKafka]:
    """A cluster of its own, in threads of this process."""
    [path] = Path(confluent_kafka.__file__).parent.parent.glob("confluent_kafka.libs/librdkafka-*.so*")
    library = ctypes.CDLL(str(path))
    new, new_cluster = library.rd_kafka_new, library.rd_kafka_mock_cluster_new
    new.restype = new_cluster.restype = ctypes.c_void_p
    for name in (
        "cluster_bootstraps",
        "broker_set_down",
        "broker_set_up",
        "broker_set_rtt",
        "cluster_destroy",
    ):
        getattr(library, f"rd_kafka_mock_{name}").argtypes = [
            ctypes.c_void_p,
            *[ctypes.c_int] * _numbers(name),
        ]
    said = ctypes.create_string_buffer(512)
    handle = ctypes.c_void_p(new(0, None, said, ctypes.c_size_t(len(said))))
    assert handle.value, said.value
    cluster = ctypes.c_void_p(new_cluster(handle, len(BROKERS)))
    kafka = MockKafka(library, cluster)
    try:
        yield kafka
    finally:
        kafka.close()
        library.rd_kafka_mock_cluster_destroy(cluster)
        library.rd_kafka_destroy(handle)


def _numbers(name: str) -> int:
    return {"cluster_bootstraps": 0, "cluster_destroy": 0, "broker_set_rtt": 2}.get(name, 1)
