"""The roles' policies against what the code asks AWS for: all of it is allowed, and little else is."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from string import Template
from typing import Any

import pytest
from boto3.session import Session
from botocore import xform_name
from botocore.config import Config
from botocore.loaders import Loader
from botocore.waiter import WaiterModel
from django.conf import settings as django_settings
from kombu.connection import Connection

from config import aws, celery, dead_letters, health, queue_depth
from config.events.event import Event
from config.settings import parameters
from config.static_files import _held
from ingestor import archive
from ranking.stores.dynamodb import DynamoStore
from ranking.stores.dynamodb_outbox import DynamoOutbox
from ranking.stores.dynamodb_tables import RESULTS, SELECTIONS, TABLES
from tests import aws_server
from tests.deploy import recorded_aws
from tests.deploy.recorded_aws import ACCOUNT, REGION, Recorded
from tests.ranking.submissions import SUNDAY, make_submission

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "deploy" / "terraform" / "modules" / "security" / "policies"
ROLES = ("autoscaler", "beat", "ci", "lambda", "migrate", "worker")

QUEUES = ("ranking-calculation-queue", "data-processing-queue")
DEAD = "data-processing-dlq"
ARCHIVE, STATIC = f"{ACCOUNT}-currency-data-backup", f"{ACCOUNT}-currency-static-assets"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:currency-service-prod"
NAMES = {
    "account_id": ACCOUNT,
    "region": REGION,
    "function_name": "currency-service-prod",
    "archive_bucket": ARCHIVE,
    "static_bucket": STATIC,
    "zappa_bucket": f"{ACCOUNT}-currency-zappa-packages",
    "ranking_queue": QUEUES[0],
    "data_queue": QUEUES[1],
    "dead_queue": DEAD,
    "selections_table": SELECTIONS,
    "results_table": RESULTS,
    "web_repository": "currency-service-web",
    "worker_repository": "currency-service-worker",
    "cluster_name": "currency-service",
    "kafka_name": "currency-service",
    "database_user": "currency_service",
}

pytestmark = pytest.mark.skipif(
    django_settings.TEST_STACK != "embedded",
    reason="neither database nor cache takes part: TEST_STACK=embedded runs this",
)


def statements(role: str) -> list[dict[str, Any]]:
    filled = Template((POLICIES / f"{role}.json").read_text()).substitute(NAMES)
    found: list[dict[str, Any]] = json.loads(filled)["Statement"]
    return found


def several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allowed(role: str) -> Iterator[tuple[str, str]]:
    for statement in statements(role):
        if statement["Effect"] == "Allow":
            for action in several(statement["Action"]):
                for resource in several(statement["Resource"]):
                    yield action, resource


def denied_to_code(role: str) -> list[str]:
    """Actions, as patterns, that whoever runs in the function may not do with its role."""
    return [
        action
        for statement in statements(role)
        if statement["Effect"] == "Deny"
        for action in several(statement["Action"])
    ]


def refused(role: str, asked: set[tuple[str, str]]) -> list[tuple[str, str]]:
    may, may_not = list(allowed(role)), denied_to_code(role)
    return sorted(
        (action, resource)
        for action, resource in asked
        if any(fnmatchcase(action, pattern) for pattern in may_not)
        or not any(action == right and fnmatchcase(resource, pattern) for right, pattern in may)
    )


# --- the code, at work ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Recorded]:
    """An account with what Terraform makes in it."""
    with recorded_aws.running() as recorded:
        session = Session("tests", "tests", region_name=REGION)
        # A busy machine may take its time: nothing here is asked for twice.
        patience = Config(read_timeout=60, retries={"total_max_attempts": 1})
        sqs, s3, dynamodb, ssm = (
            session.client(service, endpoint_url=recorded.address, config=patience)
            for service in ("sqs", "s3", "dynamodb", "ssm")
        )
        for name in (*QUEUES, DEAD):
            sqs.create_queue(QueueName=name)
        for bucket in (ARCHIVE, STATIC):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        for table in TABLES:
            dynamodb.create_table(**table)
        ssm.put_parameter(Name="/currency-service/SECRET_KEY", Value="-", Type="SecureString")
        yield recorded


@pytest.fixture
def account(server: Recorded, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Recorded]:
    """The service in that account, with settings as production's; what it asks for is recorded."""
    for name, value in {**aws_server.CREDENTIALS, "AWS_ENDPOINT_URL": server.address}.items():
        monkeypatch.setenv(name, value)
    settings.AWS_ENDPOINT_URL = server.address
    settings.CELERY_BROKER_URL = "sqs://"
    settings.SQS_QUEUE_URLS = {name: f"{server.address}/{ACCOUNT}/{name}" for name in (*QUEUES, DEAD)}
    settings.KAFKA_BOOTSTRAP_SERVERS = "127.0.0.1:9"  # events are noted down; nobody relays them
    archive_options = {"bucket_name": ARCHIVE, "region_name": REGION, "endpoint_url": server.address}
    settings.STORAGES = {
        **settings.STORAGES,
        "archive": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**archive_options, "file_overwrite": False},
        },
    }
    aws.client.cache_clear()
    server.asked.clear()
    server.is_on = True
    yield server
    server.is_on = False
    aws.client.cache_clear()


def broker() -> Connection:
    """kombu's way to the queues, as config/settings/base.py sets it up."""
    queues = {name: {"url": url} for name, url in django_settings.SQS_QUEUE_URLS.items() if name != DEAD}
    options = {
        "region": REGION,
        "predefined_queues": queues,
        "sqs_base64_encoding": False,
        "wait_time_seconds": 0,
    }
    return Connection("sqs://", transport="config.sqs:Transport", transport_options=options)


def send() -> None:
    """A task to each queue."""
    with broker() as connection:
        for name in QUEUES:
            with connection.Producer() as producer:
                producer.publish({"task": "some"}, routing_key=name, exchange="", serializer="json")


def keep_selections(ranking: str) -> None:
    store = DynamoStore()
    submission = make_submission("JP", "FR", idempotency=ranking)
    store.add(submission)
    store.add(submission)
    store.counts([SUNDAY])
    assert len(list(store.selections(SUNDAY))) == 2
    assert len(list(store.selections(SUNDAY, "JP"))) == 1
    event = Event(
        id="1",
        type="ranking.computed",
        schema_version=1,
        key=ranking,
        occurred_at=datetime.now(UTC),
        body="{}",
    )
    assert store.write(ranking, {"calculated_at": "now"}, expected=0, telling=[event])
    assert store.write(f"{ranking}, unannounced", {"calculated_at": "now"}, expected=0)
    assert set(store.documents([ranking])) == {ranking}
    assert store.remove(SUNDAY, lambda _: True) == 2


def web(_: Recorded) -> None:
    """What requests, the admin, /health and `zappa manage` lead to."""
    send()
    keep_selections("computed in a session")
    DynamoStore().ping()
    DynamoOutbox().tally()
    celery.ping()
    queue_depth.depths()
    health._archive()
    with pytest.raises(FileNotFoundError):
        archive.read("raw/ecb/none")
    list(_held(aws.client("s3"), STATIC))
    aws.client("s3").put_object(Bucket=STATIC, Key="app.0123.css", Body=b"")
    list(parameters._stored("/currency-service/"))


def worker(recorded: Recorded) -> None:
    """What tasks and commands lead to, and Celery itself."""
    send()
    with broker() as connection:
        channel = connection.default_channel
        for name in QUEUES:
            # Given back, taken again, done.
            channel.basic_reject(channel.basic_get(name).delivery_tag, requeue=True)
            message = _received(channel, name)
            channel.basic_ack(message.delivery_tag)
    for letter in (dead_letters.replay, dead_letters.drop):
        recorded.is_on = False  # SQS itself sends what has died there
        aws.client("sqs").send_message(QueueUrl=django_settings.SQS_QUEUE_URLS[DEAD], MessageBody=_LETTER)
        recorded.is_on = True
        assert len(dead_letters.letters()) == 1
        assert len(list(letter())) == 1
    queue_depth.depths()
    keep_selections("computed by a task")
    DynamoStore().add(make_submission("JP"))
    assert sum(DynamoStore().reencrypt(str.upper, "second-key", 10)) == 1
    waiting = DynamoOutbox()
    entries = waiting.oldest(10)
    assert entries
    waiting.forget(entries)
    key = archive.save(b"rates", provider="ecb", media="xml", fetched_at=datetime.now(UTC))
    assert archive.read(key) == b"rates"
    archive.save_once(b"history", provider="ecb", media="xml")
    archive.save_once(b"history", provider="ecb", media="xml")
    list(parameters._stored("/currency-service/"))


_LETTER = json.dumps({"headers": {"task": "ranking.recalculate", "expires": None}})


def _received(channel: Any, queue: str) -> Any:
    for _ in range(100):
        if message := channel.basic_get(queue):
            return message
    raise AssertionError(f"{queue} is empty")


def beat(_: Recorded) -> None:
    send()
    list(parameters._stored("/currency-service/"))


AT_WORK: dict[str, Callable[[Recorded], None]] = {"lambda": web, "worker": worker, "beat": beat}

#: Rights that the work above does not ask for, each with who needs it.
NEEDED_ELSEWHERE = {
    "lambda": set[str](),
    "worker": {
        "dynamodb:DescribeContinuousBackups",  # `manage.py preflight`, below
        "dynamodb:GetItem",  # DynamoStore.ping, from a session in a pod
        "s3:ListBucket",  # without it S3 refuses what is missing, instead of saying so
        "ssm:DescribeParameters",  # the preflight again
    },
    "beat": set[str](),
}


@pytest.mark.parametrize("role", AT_WORK)
def test_a_role_may_do_what_its_code_does_and_no_more(role, account):
    AT_WORK[role](account)
    asked = set(account.asked)

    assert refused(role, asked) == []
    services = ("dynamodb:", "s3:", "sqs:", "ssm:")
    given = {action for action, _ in allowed(role) if action.startswith(services)}
    assert given - {action for action, _ in asked} == NEEDED_ELSEWHERE[role]


def test_a_role_without_a_right_is_found_out():
    """The comparison above can fail, by the action and by what it is done to."""
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{QUEUES[0]}"

    asked = {
        ("sqs:SendMessage", queue),
        ("sqs:ReceiveMessage", queue),
        ("sqs:SendMessage", f"{queue}-of-others"),
    }
    assert refused("beat", asked) == [
        ("sqs:ReceiveMessage", queue),
        ("sqs:SendMessage", f"{queue}-of-others"),
    ]
    assert refused("lambda", {("lambda:InvokeFunction", f"{FUNCTION}:live")}) != []


# --- the code, read ---------------------------------------------------------------------------


def calls(folder: str, *services: str) -> set[str]:
    """IAM actions of every operation, page and waiter of these services that the code names."""
    loader = Loader()
    by_name: dict[str, set[str]] = {}
    for service in services:
        for operation in loader.load_service_model(service, "service-2")["operations"]:
            by_name.setdefault(xform_name(operation), set()).add(f"{service}:{operation}")
        if service in loader.list_available_services("waiters-2"):
            model = WaiterModel(loader.load_service_model(service, "waiters-2"))
            for name in model.waiter_names:
                operation = model.get_waiter(name).operation
                by_name.setdefault(xform_name(name), set()).add(f"{service}:{operation}")
    found: set[str] = set()
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found |= by_name.get(node.func.attr, set())
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= by_name.get(node.value, set())
    return found


def test_a_workflow_may_release():
    called = calls("deploy/release", "lambda", "ecr", "s3", "cloudwatch")

    assert {"lambda:PublishVersion", "lambda:UpdateAlias", "cloudwatch:GetMetricData"} <= called
    assert called - {action for action, _ in allowed("ci")} == set()


def test_whoever_opens_a_session_in_a_pod_may_go_through_the_preflight():
    called = calls("config/preflight", "rds", "dynamodb", "cloudwatch", "logs", "sqs", "acm", "ssm")

    assert {"rds:DescribeDBClusters", "acm:ListCertificates"} <= called
    assert called - {action for action, _ in allowed("worker")} == set()


#: What `zappa update` of an image asked moto for (zappa 0.63.0), in IAM's words, and what AWS asks of whoever
#: gives a function its role, its network and its image (Lambda's developer guide).
ZAPPA_UPDATES = {
    "apigateway:GET",
    "apigateway:PATCH",
    "apigateway:POST",
    "cloudformation:DescribeStackResource",
    "cloudformation:DescribeStacks",
    "cloudformation:UpdateStack",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "iam:PassRole",
    "lambda:DeleteFunctionConcurrency",
    "lambda:GetAlias",
    "lambda:GetFunctionConfiguration",
    "lambda:ListFunctionUrlConfigs",
    "lambda:ListVersionsByFunction",
    "lambda:TagResource",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:PutObject",
}


def test_a_workflow_may_update_by_zappa_and_take_nothing_down():
    given = {action for action, _ in allowed("ci")}

    assert ZAPPA_UPDATES - given == set()
    assert given.isdisjoint({"cloudformation:DeleteStack", "lambda:CreateFunction", "lambda:AddPermission"})
    assert ("apigateway:DELETE", f"arn:aws:apigateway:{REGION}::/restapis/*/*") in set(allowed("ci"))
    assert [resource for action, resource in allowed("ci") if action == "apigateway:DELETE"] == [
        f"arn:aws:apigateway:{REGION}::/restapis/*/*"
    ]


# --- rules of all roles -----------------------------------------------------------------------


def test_these_are_the_roles_there_are():
    assert tuple(sorted(file.stem for file in POLICIES.iterdir())) == ROLES


@pytest.mark.parametrize("role", ROLES)
def test_a_right_is_named_and_none_is_a_pattern(role):
    given = {action for action, _ in allowed(role)}

    assert given
    assert {action for action in given if "*" in action} == set()
    sids = [statement["Sid"] for statement in statements(role)]
    assert len(sids) == len(set(sids))


#: AWS takes no resource for these.
WITHOUT_RESOURCE = {
    "acm:DescribeCertificate",  # it does; but which one is renewed changes
    "acm:ListCertificates",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListDashboards",
    "cloudwatch:ListMetrics",
    "dynamodb:DescribeContinuousBackups",  # these three only look
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogStreams",
    "rds:DescribeDBClusters",
    "ssm:DescribeParameters",
}


def test_a_right_to_everything_is_one_that_aws_gives_no_other_way():
    wide = {action for role in ROLES for action, resource in allowed(role) if resource == "*"}

    assert wide == WITHOUT_RESOURCE


def test_the_function_obeys_whoever_invokes_it_so_few_may():
    """Zappa's handler runs what an event tells it to: whoever may invoke it is root of the service."""
    may = {role: [r for action, r in allowed(role) if action == "lambda:InvokeFunction"] for role in ROLES}

    assert {role: resources for role, resources in may.items() if resources} == {
        "ci": [f"{FUNCTION}:green"],
        "lambda": [f"{FUNCTION}:live"],  # API Gateway, which comes as this role; not the code
    }
    assert denied_to_code("lambda") == ["ec2:*", "lambda:*"]


def test_nobody_deletes_what_a_provider_sent():
    deleting = {
        (role, resource)
        for role in ROLES
        for action, resource in allowed(role)
        if action.startswith("s3:Delete")
    }

    assert deleting == {("ci", f"arn:aws:s3:::{ACCOUNT}-currency-zappa-packages/*")}


def test_secrets_are_read_and_never_written():
    may = {(role, action) for role in ROLES for action, _ in allowed(role) if action.startswith("ssm:")}

    assert {role for role, action in may if action == "ssm:GetParametersByPath"} == {
        "beat",
        "lambda",
        "migrate",
        "worker",
    }
    assert {action for _, action in may} == {
        "ssm:DescribeParameters",
        "ssm:GetParametersByPath",
    }


def test_the_names_here_are_those_that_the_settings_and_terraform_use():
    assert tuple(django_settings.CELERY_TASK_QUEUES) == QUEUES
    assert django_settings.DEAD_LETTER_QUEUE == DEAD

    root = (ROOT / "deploy" / "terraform" / "main.tf").read_text()
    named = re.findall(r'\b(\w+) *= "([^"]+)"', root[: root.index("module ")])
    words = {"${var.account_id}": ACCOUNT, "${var.stage}": "prod"}
    values = {
        name: re.sub(r"\$\{[\w.]+\}", lambda hit: words.get(hit[0], hit[0]), text) for name, text in named
    }
    told = {
        "function_name": values["function_name"],
        **{f"{name}_bucket": values[name] for name in ("archive", "static", "zappa")},
        **{f"{name}_queue": values[name] for name in ("ranking", "data", "dead")},
        **{f"{name}_table": values[name] for name in ("selections", "results")},
        **{f"{name}_repository": values[name] for name in ("web", "worker")},
        **{name: values[name] for name in ("cluster_name", "kafka_name", "database_user")},
    }
    assert told == {name: text for name, text in NAMES.items() if name not in {"account_id", "region"}}
