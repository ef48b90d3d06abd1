"""config.settings.parameters: a cold start reads its secrets in one request, or does not start."""

import json
import os
import re
import subprocess
import sys
from unittest import mock

import boto3
import pytest
from django.conf import settings

from config.settings import parameters
from tests import aws_server
from tests.services.cable import Cable

PATH = "/currency-service/"
STORED = {
    "SECRET_KEY": "s" * 60,
    "SECRET_KEY_FALLBACKS": "unset",
    "DATABASE_URL": "mysql://app:hunter2@db.example.org:3306/currency",
    "DATABASE_REPLICA_URL": "unset",
    "CACHE_URL": "rediss://:hunter3@cache.example.org:6379/0",
    "ENCRYPTION_KEYS": "k" * 43 + "=",
    "VISITOR_KEY": "v" * 50,
    "PROVIDER_ECOS_API_KEY": "ecos-key",
    "PROVIDER_EXIMBANK_API_KEY": "unset",
    "PROVIDER_FRED_API_KEY": "unset",
}
TOLD = """
import json
from django.conf import settings
told = {name: getattr(settings, name) for name in ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "CACHE_URL",
        "ENCRYPTION_KEYS", "VISITOR_KEY", "HAS_REPLICA", "PROVIDERS")}
print(json.dumps(told | {"database": settings.DATABASES["default"]["HOST"]}))
"""


@pytest.fixture(scope="module")
def aws():
    """An AWS of our own, and a cable to it."""
    if settings.TEST_STACK != "embedded":
        pytest.skip("neither database nor cache takes part: the first half of `make test` runs this")
    with aws_server.running() as address:
        cable = Cable("127.0.0.1", int(address.rsplit(":", 1)[1]))
        yield address, cable
        cable.pull()


@pytest.fixture
def stored(aws):
    """Fills the path with the given parameters, and with no others."""
    address, cable = aws
    ssm = boto3.client(
        "ssm",
        endpoint_url=address,
        region_name="ap-northeast-2",
        aws_access_key_id="tests",
        aws_secret_access_key="tests",
    )

    def store(**values: str) -> None:
        while there := ssm.get_parameters_by_path(Path=PATH, MaxResults=10)["Parameters"]:
            ssm.delete_parameters(Names=[parameter["Name"] for parameter in there])
        for name, value in values.items():
            ssm.put_parameter(Name=PATH + name, Value=value, Type="SecureString")

    yield store
    cable.plug()


def environment(cable, **more: str) -> dict[str, str]:
    """What a process of production is told; the rest is behind the cable."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "ALLOWED_HOSTS": "api.example.org",
        "PARAMETER_PATH": PATH,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{cable.port}",
        **aws_server.CREDENTIALS,
        **more,
    }


def start(cable, **more: str) -> subprocess.CompletedProcess[str]:
    """Production in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", TOLD],
        env=environment(cable, **more),
        cwd=aws_server.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(cable) -> str:
    """The one line that a start ends with; no value is in it."""
    with mock.patch.dict(os.environ, environment(cable), clear=True), pytest.raises(SystemExit) as ended:
        parameters.take()
    line = str(ended.value)
    assert line.startswith("Configuration: ")
    assert "\n" not in line
    assert not [value for value in STORED.values() if value != "unset" and value in line]
    assert "hunter" not in line
    return line


def http(status: str, body: dict[str, str]) -> bytes:
    said = json.dumps(body).encode()
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(said), said)


def test_production_starts_with_what_is_stored_and_unset_is_nothing(aws, stored):
    stored(**STORED)

    done = start(aws[1])

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "SECRET_KEY": "s" * 60,
        "SECRET_KEY_FALLBACKS": [],
        "CACHE_URL": "rediss://:hunter3@cache.example.org:6379/0",
        "ENCRYPTION_KEYS": ["k" * 43 + "="],
        "VISITOR_KEY": "v" * 50,
        "HAS_REPLICA": False,
        "PROVIDERS": {"ecos": {"api_key": "ecos-key"}},
        "database": "db.example.org",
    }


def test_a_variable_that_is_set_wins_even_where_it_is_empty(aws, stored):
    stored(**STORED)

    done = start(aws[1], VISITOR_KEY="told" * 20, PROVIDER_ECOS_API_KEY="")

    told = json.loads(done.stdout)
    assert (told["VISITOR_KEY"], told["PROVIDERS"]) == ("told" * 20, {})


def test_whoever_has_been_told_everything_asks_nobody(aws, stored):
    everything = {name: "" if value == "unset" else value for name, value in STORED.items()}
    aws[1].pull()

    assert start(aws[1], **everything).returncode == 0


def test_all_pages_are_read_and_what_a_later_release_has_stored_is_left_alone(aws, stored):
    stored(**{f"A_LATER_ONE_{number}": "later" for number in range(9)}, **STORED)

    done = start(aws[1])

    assert json.loads(done.stdout)["SECRET_KEY"] == "s" * 60


def test_what_is_not_stored_is_named(aws, stored):
    stored(**{name: value for name, value in STORED.items() if name not in {"VISITOR_KEY", "CACHE_URL"}})

    line = refusal(aws[1])

    assert "CACHE_URL, VISITOR_KEY: is missing under /currency-service/" in line


def test_what_nobody_has_set_yet_has_no_default(aws, stored):
    stored(**STORED | {"SECRET_KEY": "unset"})

    done = start(aws[1])

    assert done.stderr == "Configuration: SECRET_KEY: is missing, expected a text (see .env.example)\n"
    assert done.returncode != 0


def test_a_refusal_says_who_was_refused_what(aws, stored):
    said = "User: arn:aws:sts::123456789012:assumed-role/web is not authorized to perform: ssm:GetParametersByPath"
    aws[1].answer(http("400 Bad Request", {"__type": "AccessDeniedException", "Message": said}))

    line = refusal(aws[1])

    assert "refuses /currency-service/: AccessDeniedException" in line
    assert "assumed-role/web is not authorized" in line


def test_a_refusal_that_may_repeat_the_request_is_told_by_its_name_alone(aws, stored):
    said = {"__type": "com.amazon#InvalidSignatureException", "message": "… x-amz-security-token:hunter4 …"}
    aws[1].answer(http("403 Forbidden", said))

    assert "403 InvalidSignatureException" in refusal(aws[1])


@pytest.mark.parametrize(
    ("failing", "told"),
    [
        (lambda cable: cable.pull(), "EndpointConnectionError"),
        (lambda cable: cable.answer(http("503 Slow Down", {})), "503"),
        (
            lambda cable: cable.answer(http("400 Bad Request", {"__type": "ThrottlingException"})),
            "ThrottlingException",
        ),
    ],
    ids=["nobody there", "an error", "throttled"],
)
def test_a_store_that_does_not_answer_is_asked_three_times_and_then_the_start_ends(
    aws, stored, failing, told
):
    failing(aws[1])
    before = aws[1].swallowed

    line = refusal(aws[1])

    assert "the Parameter Store does not answer" in line
    assert told in line
    assert told == "EndpointConnectionError" or aws[1].swallowed == before + 3


def test_a_store_that_fails_once_is_asked_again(aws, stored):
    stored(**STORED)
    aws[1].answer(http("503 Slow Down", {}), times=1)

    done = start(aws[1])

    assert done.returncode == 0, done.stderr


def test_env_example_lists_what_is_secret():
    listed = (aws_server.ROOT / ".env.example").read_text()

    assert len(set(parameters.NAMES)) == 10
    for name in (*parameters.NAMES, "PARAMETER_PATH"):
        assert re.search(rf"^# {name}=", listed, re.MULTILINE), name
