"""Kafka, told of events. Imported where there is one: by the relay.

What is taken is on all of Kafka's in-sync replicas. A message is a CloudEvent in binary form: its
attributes are headers, its value is the event's JSON.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from django.conf import settings

from config.events.event import Event

#: Seconds for which Kafka may take to acknowledge a message.
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
    """What Kafka said of each event, by its id; whether it has one that is in neither, nobody knows."""

    taken: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    #: The last thing that went wrong otherwise.
    trouble: str = ""

    def has_settled(self, event: Event) -> bool:
        return event.id in self.taken or event.id in self.refused


class Line:
    """A way to Kafka for one run, made when it is first needed: a producer's threads survive no fork, and its
    token no idle quarter of an hour.
    """

    def __init__(self) -> None:
        self._producer: Any = None

    def publish(self, events: Sequence[Event], *, go_on: Callable[[], bool]) -> Answers:
        """Have Kafka take the events, as long as `go_on`; each try takes `PATIENCE` at most.

        Of a key one is under way at a time. Nothing else holds their order through everything that can happen
        to a request: it may be refused for one of its messages, or time out, while the next one goes through.
        """
        answers = Answers()
        left = list(events)
        while left and go_on():
            first: dict[tuple[str, str], Event] = {}
            for event in left:
                first.setdefault((event.topic, event.key), event)
            self._send(list(first.values()), answers, go_on)
            goes_on = {place for place, event in first.items() if answers.has_settled(event)}
            left = [
                event
                for event in left
                if (event.topic, event.key) in goes_on and event is not first[event.topic, event.key]
            ]
        return answers

    def close(self) -> None:
        """Give up what is on its way."""
        if self._producer is not None:
            self._producer.purge()  # else closing would wait for it
            self._producer.close()

    def _send(self, events: Sequence[Event], answers: Answers, go_on: Callable[[], bool]) -> None:
        self._ask(events, answers)
        if len(events) == 1:
            return
        # The neighbours of a message in its request are refused with it.
        for event in [event for event in events if event.id in answers.refused]:
            del answers.refused[event.id]
            if go_on():
                self._ask([event], answers)

    def _ask(self, events: Sequence[Event], answers: Answers) -> None:
        if self._producer is None:
            self._producer = _producer()
        for event in events:
            try:
                self._producer.produce(
                    event.topic,
                    key=event.key,
                    value=event.body.encode(),
                    headers=_headers(event),
                    timestamp=int(event.occurred_at.timestamp() * 1000),
                    on_delivery=partial(_hear, answers, event.id),
                )
            except KafkaException as exc:  # larger than any request may be
                _hear(answers, event.id, exc.args[0], None)
        try:
            if self._producer.flush(PATIENCE + 2):  # it looks for what has timed out once a second
                answers.trouble = "no answer in time"
        except (KafkaException, SystemError) as exc:
            # Fatal to this producer; the next run has another. A SystemError, where an answer is heard as well.
            answers.trouble = f"fatal to this producer: {exc}"


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


def _producer() -> Any:
    told: dict[str, Any] = {
        "bootstrap.servers": settings.KAFKA_BOOTSTRAP_SERVERS,
        "client.id": "currency-travel-service",
        "acks": "all",
        "enable.idempotence": True,
        "message.timeout.ms": int(PATIENCE * 1000),
        "linger.ms": 0,  # a wave is waited for
        "compression.type": "lz4",
        "partitioner": "murmur2_random",  # as Kafka's own clients place keys
    }
    if settings.KAFKA_IAM_AUTH:
        told |= {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": "probe",  # the system's, wherever this distribution has them
            "sasl.mechanisms": "OAUTHBEARER",
            "oauth_cb": _token,
        }
    producer = Producer(told, logger=logging.getLogger(__name__))
    if settings.KAFKA_IAM_AUTH:
        producer.poll(0)  # has the first token fetched before anything waits for it
    return producer


def _token(_configuration: str) -> tuple[str, float]:
    """A token for MSK from this process's AWS role, and when it ends, in seconds since 1970."""
    from aws_msk_iam_sasl_signer import MSKAuthTokenProvider

    token, milliseconds = MSKAuthTokenProvider.generate_auth_token(settings.AWS_REGION)
    return token, milliseconds / 1000
