"""Kafka, told of events. Imported where there is one: by the worker that relays.

What is acknowledged is on all of Kafka's in-sync replicas. A message is a CloudEvent in binary form: its
attributes are headers, its value is the event's JSON.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from django.conf import settings

from config.events.event import Event

#: Seconds for which Kafka may take to acknowledge what it is sent at once.
PATIENCE = 10.0
#: Answers about the message itself: the same will be answered to it for ever.
_ABOUT_THE_MESSAGE = frozenset(
    {
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.RECORD_LIST_TOO_LARGE,
        KafkaError.INVALID_RECORD,
    }
)


@dataclass(slots=True)
class Answers:
    """What Kafka said of each event, by its id; of what it did not answer to, nothing is known."""

    taken: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    #: The last thing that went wrong otherwise.
    trouble: str = ""


def publish(events: Sequence[Event], *, go_on: Callable[[], bool]) -> Answers:
    """Have Kafka take the events, those of a key in their order. `PATIENCE` seconds at most, and as many more
    one by one, while `go_on`, where it has refused one: its neighbours in a request are refused with it.

    Of a key, what was taken is never behind one that was not: a later event is sent after an earlier one,
    over one connection that is given up with the first gap.
    """
    answers = Answers()
    with _producer() as producer:
        _send(producer, events, answers)
    if len(events) == 1 or not answers.refused:
        return answers
    suspects, answers.refused = answers.refused, {}
    for event in events:
        if event.id in answers.taken:
            continue
        if not go_on():
            break
        with _producer() as producer:
            _send(producer, [event], answers)
        if event.id not in answers.taken and event.id not in answers.refused:
            break
    answers.trouble = answers.trouble or next(iter(suspects.values()))
    return answers


def _send(producer: Any, events: Sequence[Event], answers: Answers) -> None:
    for event in events:
        try:
            producer.produce(
                event.topic,
                key=event.key,
                value=event.body.encode(),
                headers=_headers(event),
                timestamp=int(event.occurred_at.timestamp() * 1000),
                on_delivery=partial(_hear, answers, event.id),
            )
        except KafkaException as exc:
            # Too large for any request, or the producer has given up on an earlier one.
            _hear(answers, event.id, exc.args[0], None)
    if producer.flush(PATIENCE):
        producer.purge()
        producer.flush(1)


def _hear(answers: Answers, event_id: str, error: Any, _message: Any) -> None:
    if error is None:
        answers.taken.add(event_id)
    elif error.code() in _ABOUT_THE_MESSAGE:
        answers.refused[event_id] = error.str()
    else:
        answers.trouble = error.str()


def _headers(event: Event) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_source": "/currency-travel-service",
        "ce_id": event.id,
        "ce_type": event.type,
        "ce_time": event.occurred_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ce_schemaversion": str(event.schema_version),
    }


@contextmanager
def _producer() -> Iterator[Any]:
    """A producer for one batch: its threads survive no fork, its token no idle quarter of an hour."""
    with Producer(_configuration(), logger=logging.getLogger(__name__)) as producer:
        if settings.KAFKA_IAM_AUTH:
            producer.poll(0)  # has the first token fetched before anything waits for it
        try:
            yield producer
        finally:
            producer.purge()  # else closing would wait for what nobody waits for any more


def _configuration() -> dict[str, Any]:
    told: dict[str, Any] = {
        "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
        "client.id": "currency-travel-service",
        "acks": "all",
        "enable.idempotence": True,
        # A request that is refused would leave a gap, and what is behind it would go on.
        "enable.gapless.guarantee": True,
        # Never before PATIENCE has ended: a message that timed out alone would leave a gap as well.
        "message.timeout.ms": 60_000,
        "linger.ms": 5,
        "compression.type": "lz4",
        # As Kafka's own clients place keys.
        "partitioner": "murmur2_random",
    }
    if settings.KAFKA_IAM_AUTH:
        told |= {"security.protocol": "SASL_SSL", "sasl.mechanisms": "OAUTHBEARER", "oauth_cb": _token}
    return told


def _token(_configuration: str) -> tuple[str, float]:
    """A token for MSK from this process's AWS role, and when it ends, in seconds since 1970."""
    from aws_msk_iam_sasl_signer import MSKAuthTokenProvider

    token, milliseconds = MSKAuthTokenProvider.generate_auth_token(settings.AWS_REGION)
    return token, milliseconds / 1000
