"""Messages that failed as often as their queue allows: what operators see of them and do with them.

Looking hides a message from other lookers for a few seconds, and counts as receiving it. Nothing is
deleted before what replaces it was accepted: a break in between leaves a message twice, and tasks
may run twice. Only where the broker is SQS: others keep no failed messages.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from config.aws import client
from config.routes import queue_of

#: Seconds that a message is ours alone; a thousand are read, sent and deleted in less.
_HIDDEN = 60


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message. `queue` is where its task is routed to now; None for a name without a route."""

    message_id: str
    task: str
    arguments: str
    received: int
    sent_at: datetime
    queue: str | None
    body: str
    handle: str


def letters() -> list[DeadLetter]:
    """All of them, oldest first. Raises: botocore's errors."""
    found: dict[str, DeadLetter] = {}
    try:
        for letter in _receive():
            found.setdefault(letter.message_id, letter)
    finally:
        _show_again(found.values())
    return sorted(found.values(), key=lambda letter: letter.sent_at)


def replay(wanted: Collection[str] | None = None) -> Iterator[DeadLetter]:
    """Send messages back to the queues of their tasks; each as it is done. None means all.

    Those without a queue stay. A message that had to run by a certain time may run now all the same.
    Raises: botocore's errors.
    """
    stuck = []
    try:
        for letter in _taken(wanted):
            if letter.queue is None:
                stuck.append(letter)
            else:
                address = settings.SQS_QUEUE_URLS[letter.queue]
                _sqs().send_message(QueueUrl=address, MessageBody=_without_expiry(letter.body))
                _delete(letter)
            yield letter
    finally:
        _show_again(stuck)


def drop(wanted: Collection[str] | None = None) -> Iterator[DeadLetter]:
    """Delete messages for good; each as it is done. None means all.

    Raises: botocore's errors.
    """
    for letter in _taken(wanted):
        _delete(letter)
        yield letter


def _taken(wanted: Collection[str] | None) -> Iterator[DeadLetter]:
    """The wanted messages, hidden from others; the other messages are shown again."""
    others = []
    try:
        for letter in _receive():
            if wanted is None or letter.message_id in wanted:
                yield letter
            else:
                others.append(letter)
    finally:
        _show_again(others)


def _sqs() -> Any:
    return client("sqs")


def _address() -> str:
    url: str = settings.SQS_QUEUE_URLS[settings.DEAD_LETTER_QUEUE]
    return url


def _receive() -> Iterator[DeadLetter]:
    """Every message once: until SQS, asked on all its servers, has no more, or shows one again."""
    seen: set[str] = set()
    while True:
        answer = _sqs().receive_message(
            QueueUrl=_address(),
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HIDDEN,
            WaitTimeSeconds=1,
            AttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            if message["MessageId"] in seen:
                return  # hidden no longer: so many that reading them took longer than that
            seen.add(message["MessageId"])
            yield _letter(message)


def _letter(message: dict[str, Any]) -> DeadLetter:
    headers = _headers(message["Body"])
    told = message["Attributes"]
    task = str(headers.get("task", ""))
    return DeadLetter(
        message_id=message["MessageId"],
        task=task or "(not a task)",
        arguments=str(headers.get("kwargsrepr", "")),
        received=int(told["ApproximateReceiveCount"]),
        sent_at=datetime.fromtimestamp(int(told["SentTimestamp"]) / 1000, UTC),
        queue=queue_of(task),
        body=message["Body"],
        handle=message["ReceiptHandle"],
    )


def _headers(body: str) -> dict[str, Any]:
    """The headers Celery has put into a message; none for what is not one of Celery's."""
    try:
        headers = json.loads(body)["headers"]
    except (ValueError, KeyError, TypeError):
        return {}
    return headers if isinstance(headers, dict) else {}


def _without_expiry(body: str) -> str:
    message = json.loads(body)
    message["headers"]["expires"] = None
    return json.dumps(message)


def _delete(letter: DeadLetter) -> None:
    _sqs().delete_message(QueueUrl=_address(), ReceiptHandle=letter.handle)


def _show_again(hidden: Collection[DeadLetter]) -> None:
    for letter in hidden:
        _sqs().change_message_visibility(
            QueueUrl=_address(), ReceiptHandle=letter.handle, VisibilityTimeout=0
        )
