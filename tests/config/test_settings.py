"""config.settings: a wrong environment stops the start with one clear line."""

import os
import re
import subprocess
import sys

import pytest

from tests.aws_server import ROOT

pytestmark = pytest.mark.once

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": "api.example.org",
    "DATABASE_URL": "mysql://app@db.example.org:3306/currency",
    "CACHE_URL": "rediss://cache.example.org:6379/0",
    "ENCRYPTION_KEYS": "k" * 43 + "=",
    "VISITOR_KEY": "v" * 50,
}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return start_with("from django.conf import settings; print(settings.ENVIRONMENT)", **environment)


def start_with(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_what_it_needs():
    assert start(**PRODUCTION).stdout == "production\n"


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SECRET_KEY", "", "SECRET_KEY"),
        ("ALLOWED_HOSTS", None, "ALLOWED_HOSTS"),
        ("DATABASE_URL", None, "DATABASE_URL"),
        ("DATABASE_URL", "postgres://db/x", "mysql://user:password@host:port/name"),
        ("CACHE_URL", "locmem://", "CACHE_URL"),
        ("CACHE_URL", "memcached://x", "redis://host:port/number"),
        ("TRUSTED_PROXIES", "many", "a whole number from 0"),
        ("LIMIT_ANONYMOUS", "0", "a whole number from 1"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO, WARNING, ERROR"),
        ("ACCESS_LOG", "maybe", "true or false"),
        ("ARCHIVE_URL", "ftp://x/y", "s3://bucket/prefix"),
        ("DEPLOYED_AT", "yesterday", "ISO 8601"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS"),
        ("CACHE_URL", "redis://cache.example.org:port/0", "redis://host:port/number"),
        ("PROVIDER_ECOS_APIKEY", "k", "_API_KEY"),
        ("PROVIDER_ECOS_TIMEOUT", "0", "seconds"),
        ("PROVIDER_ECB_URL", "file:///etc/passwd", "http(s)"),
        ("PROVIDER_EXIMBANK_CA_BUNDLE", "/nowhere.pem", "PEM"),
        ("ENCRYPTION_KEYS", None, "ENCRYPTION_KEYS"),
        ("ENCRYPTION_KEYS", "k" * 43 + "=,password", "Fernet"),
        ("VISITOR_KEY", None, "VISITOR_KEY"),
        ("CELERY_BROKER_URL", "amqp://queue.example.org", "sqs://"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka.example.org", "host:port"),
        ("SELECTION_STORE", "mongodb", "sql, dynamodb"),
        ("CELERY_BROKER_URL", "redis://queue.example.org:port/1", "redis://host:port/number"),
        ("SQS_WAIT_SECONDS", "60", "a whole number from 1 to 20"),
        ("SELECTION_SHARDS", "0", "a whole number from 1"),
        ("SELECTION_RETENTION_DAYS", "1", "a whole number from 2"),
        ("RANKING_SCORE", "stars", "visitors, selections"),
        ("LIMIT_SELECTIONS", "0", "a whole number from 1"),
        ("DATABASE_IAM_AUTH", "maybe", "true or false"),
        ("PARAMETER_PATH", "currency-service", "a path such as /currency-service/"),
    ],
)
def test_a_wrong_or_missing_value_stops_the_start_with_one_line_naming_it(variable, value, told):
    environment = {**PRODUCTION, variable: value}
    if value is None:
        del environment[variable]

    done = start(**environment)

    assert done.returncode != 0
    [line] = done.stderr.splitlines()
    assert variable in line
    assert told in line


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://app@db.example.org/currency?ssl_mode=REQUIRED", "ssl_mode=VERIFY_IDENTITY or VERIFY_CA"),
        ("mysql://db.example.org/currency", "mysql://user@host:port/name"),
    ],
)
def test_an_address_that_a_token_would_be_unsafe_at_is_refused(url, told):
    done = start(**{**PRODUCTION, "DATABASE_IAM_AUTH": "true", "DATABASE_URL": url})

    [line] = done.stderr.splitlines()
    assert "DATABASE_URL" in line
    assert told in line


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgres://app:hunter2@db/x"),
        # What Python says of brackets that hold no address repeats what they hold.
        ("CACHE_URL", "rediss://:a[hunter2]z@cache.example.org:6379/0"),
    ],
)
def test_a_wrong_value_is_not_repeated_because_it_may_be_a_secret(name, url):
    done = start(**{**PRODUCTION, name: url})

    [line] = done.stderr.splitlines()
    assert line.startswith(f"Configuration: {name}: expected")
    assert "hunter2" not in line


def test_a_new_provider_needs_no_new_setting():
    program = "from django.conf import settings; print(settings.PROVIDERS)"
    environment = {
        **os.environ,
        **PRODUCTION,
        "PROVIDER_NEW_BANK_API_KEY": "k",
        "PROVIDER_NEW_BANK_TIMEOUT": "9",
    }

    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )

    assert "'new_bank': {'api_key': 'k', 'timeout': '9'}" in done.stdout


def database_options(**environment: str) -> str:
    program = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **PRODUCTION, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_options_in_a_database_address_are_kept():
    url = "mysql://app@db.example.org/currency?ssl_mode=VERIFY_IDENTITY&ssl_ca=/etc/rds.pem"

    told = database_options(DATABASE_URL=url)

    assert "'ssl_mode': 'VERIFY_IDENTITY'" in told
    assert "'ssl': {'ca': '/etc/rds.pem'}" in told
    assert "'connect_timeout': 3" in told


def test_a_token_is_sent_to_nobody_whose_certificate_has_not_been_checked():
    told = database_options(DATABASE_IAM_AUTH="true")

    assert "'ssl_mode': 'VERIFY_IDENTITY'" in told


def test_tests_read_nothing_of_the_machines_environment():
    listed = re.findall(r"^# ([A-Z]\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    foreign = {name: "not for tests" for name in listed if not name.startswith("TEST_")}
    more = {"AWS_PROFILE": "mine", "AWS_ACCESS_KEY_ID": "mine", "PROVIDER_NEW_BANK_WRONG": "x"}
    program = (
        "import os, config.settings.test as told\n"
        "print(told.AWS_ENDPOINT_URL, told.PROVIDERS, told.CELERY_BROKER_URL == '', told.HAS_REPLICA)\n"
        "print(sorted(name for name in os.environ if name.startswith('AWS_')))\n"
    )

    done = start_with(program, **foreign | more | {"DJANGO_SETTINGS_MODULE": "config.settings.test"})

    assert len(foreign) > 40
    assert done.stderr == ""
    assert done.stdout == "None {} True False\n[]\n"
