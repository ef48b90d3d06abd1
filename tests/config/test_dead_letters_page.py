"""Dead letters in the admin, over SQS as moto plays it: seen, sent back, dropped, and who did it and why."""

import json

import httpx
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.urls import reverse

from config import aws
from tests.aws_server import CREDENTIALS, running

PAGE = "admin:platform_deadletter_changelist"
DEAD = "data-processing-dlq"


@pytest.fixture(scope="module")
def sqs_server():
    with running() as address:
        yield address


@pytest.fixture
def queues(sqs_server, settings, monkeypatch):
    """Queues of this test's own; `send` puts a failed message among the dead letters."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = sqs_server
    settings.CELERY_BROKER_URL = "sqs://"
    aws.client.cache_clear()
    httpx.post(f"{sqs_server}/moto-api/reset").raise_for_status()
    sqs = aws.client("sqs")
    names = ("ranking-calculation-queue", "data-processing-queue", DEAD)
    settings.SQS_QUEUE_URLS = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}

    def send(task):
        body = json.dumps({"headers": {"task": task, "kwargsrepr": "{'provider': 'ecb'}", "expires": None}})
        return sqs.send_message(QueueUrl=settings.SQS_QUEUE_URLS[DEAD], MessageBody=body)["MessageId"]

    def waiting(queue):
        told = sqs.get_queue_attributes(
            QueueUrl=settings.SQS_QUEUE_URLS[queue],
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(map(int, told.values()))

    yield send, waiting
    aws.client.cache_clear()


@pytest.fixture
def as_role(client, db):
    def log_in(role):
        user = User.objects.create_user(role, password="x", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return log_in


def test_the_page_lists_what_failed(queues, as_role):
    send, _ = queues
    send("ingestor.collect")

    page = as_role("operator").get(reverse(PAGE)).content.decode()

    assert "ingestor.collect" in page
    assert "data-processing-queue" in page
    assert 'value="replay"' in page


def test_a_viewer_sees_them_and_decides_nothing(queues, as_role):
    send, waiting = queues
    told = send("ingestor.collect")
    client = as_role("viewer")

    page = client.get(reverse(PAGE)).content.decode()
    answer = client.post(reverse(PAGE), {"do": "drop", "id": told, "why": "x"})

    assert "ingestor.collect" in page
    assert 'value="replay"' not in page
    assert (answer.status_code, waiting(DEAD)) == (403, 1)


def test_one_is_sent_back_for_a_reason(queues, as_role):
    send, waiting = queues
    wanted, _other = send("ingestor.collect"), send("ranking.recalculate")
    client = as_role("operator")

    asked = client.post(reverse(PAGE), {"do": "replay", "id": wanted})
    assert 'name="why"' in asked.content.decode()
    assert waiting("data-processing-queue") == 0
    client.post(reverse(PAGE), {"do": "replay", "ids": wanted, "why": "the bank answers again"})

    assert (waiting("data-processing-queue"), waiting(DEAD)) == (1, 1)
    entry = LogEntry.objects.get()
    assert entry.object_repr == f"ingestor.collect {wanted}"
    assert entry.change_message == "다시 보냄 — the bank answers again"


def test_all_are_sent_back_and_those_without_a_route_stay(queues, as_role):
    send, waiting = queues
    send("ingestor.collect")
    send("nobody.knows")

    page = as_role("operator").post(
        reverse(PAGE), {"do": "replay", "all": "1", "ids": "", "why": "mended"}, follow=True
    )

    assert (waiting("data-processing-queue"), waiting(DEAD)) == (1, 1)
    assert "1건은 그대로 둡니다" in page.content.decode()


def test_one_is_dropped_for_a_reason(queues, as_role):
    send, waiting = queues
    unwanted = send("ingestor.collect")

    as_role("operator").post(reverse(PAGE), {"do": "drop", "ids": unwanted, "why": "collected by hand"})

    assert waiting(DEAD) == 0
    assert LogEntry.objects.get().change_message == "삭제함 — collected by hand"


def test_a_queue_that_does_not_answer_is_told(settings, as_role):
    settings.CELERY_BROKER_URL = "sqs://"
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"
    settings.SQS_QUEUE_URLS = {DEAD: "http://127.0.0.1:9/000000000000/dead"}
    aws.client.cache_clear()

    page = as_role("viewer").get(reverse(PAGE))

    aws.client.cache_clear()
    assert page.status_code == 200
    assert "지금 큐가 응답하지 않습니다" in page.content.decode()
