"""How many messages wait in each queue, and how many were given up on; asked of the broker itself."""

from dataclasses import dataclass

from django.conf import settings

from config.celery import app


@dataclass(frozen=True, slots=True)
class Depth:
    """`waiting`: not taken yet; `taken`: a worker has it, None where the broker does not tell."""

    queue: str
    waiting: int
    taken: int | None
    is_dead_letters: bool = False


def depths() -> list[Depth]:
    """Each queue of ours; empty without a broker. Over SQS the figures are approximate, and of the dead
    letters too; Redis keeps none.

    Some seconds at most. Raises: whatever the broker's driver raises.
    """
    if not settings.CELERY_BROKER_URL:
        return []
    if settings.CELERY_BROKER_URL == "sqs://":
        return [_of_sqs(name) for name in (*settings.CELERY_TASK_QUEUES, settings.DEAD_LETTER_QUEUE)]
    with app.connection_for_write() as connection:  # type: ignore[no-untyped-call]
        client = connection.default_channel.client
        return [Depth(name, int(client.llen(name)), None) for name in settings.CELERY_TASK_QUEUES]


def _of_sqs(name: str) -> Depth:
    from config.aws import client  # boto3 is not everywhere

    waiting, taken = "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"
    answer = client("sqs", attempts=1).get_queue_attributes(
        QueueUrl=settings.SQS_QUEUE_URLS[name], AttributeNames=[waiting, taken]
    )
    told = answer["Attributes"]
    return Depth(name, int(told[waiting]), int(told[taken]), name == settings.DEAD_LETTER_QUEUE)
