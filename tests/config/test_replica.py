"""config.replica: who may read from a database that lags behind."""

import os
import shutil
import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction

from config import replica
from config.api.models import ApiKey
from config.replica import ReplicaRouter
from currency.models import Currency


@pytest.fixture
def router(settings):
    settings.HAS_REPLICA = True
    return ReplicaRouter()


def test_without_a_replica_everything_is_read_from_the_primary():
    with replica.reading():
        assert ReplicaRouter().db_for_read(Currency) == "default"


def test_the_apis_reads_of_rates_go_to_the_replica(router):
    with replica.reading():
        assert router.db_for_read(Currency) == "replica"


@pytest.mark.parametrize("model", [Session, User, ApiKey], ids=lambda model: model.__name__)
def test_sessions_users_and_keys_are_never_read_from_it(router, model):
    with replica.reading():
        assert router.db_for_read(model) == "default"


def test_tasks_commands_and_the_admin_never_ask_it(router):
    assert router.db_for_read(Currency) == "default"


def test_whoever_has_written_reads_their_own_writes_from_the_primary(router):
    with replica.reading():
        assert router.db_for_write(Currency) == "default"

        assert router.db_for_read(Currency) == "default"


@pytest.mark.django_db
def test_a_read_inside_a_transaction_stays_on_the_primary(router):
    with replica.reading(), transaction.atomic():
        assert router.db_for_read(Currency) == "default"


def test_nothing_is_migrated_on_the_replica(router):
    assert not router.allow_migrate("replica", "currency")


@pytest.mark.once
def test_two_real_databases_are_read_and_written_by_that_rule(tmp_path):
    primary, copy = tmp_path / "primary.sqlite3", tmp_path / "replica.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATABASE_URL": f"sqlite:///{primary}",
        "ARCHIVE_URL": f"file://{tmp_path}",
    }

    def run(program: str, **more: str) -> str:
        code = "import django; django.setup()\nfrom currency.models import Currency\n" + program
        return subprocess.run(
            [sys.executable, "-c", code],
            env={**environment, **more},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    run("from django.core.management import call_command as c; c('migrate', verbosity=0)")
    shutil.copy(primary, copy)
    run("Currency.objects.create(code='QQQ')", DATABASE_URL=f"sqlite:///{copy}")

    told = run(
        "from config import replica\n"
        "seen = lambda: Currency.objects.filter(code='QQQ').exists()\n"
        "with replica.reading():\n"
        "    print(seen(), end=' ')\n"
        "    Currency.objects.create(code='QQP')\n"
        "    print(seen(), Currency.objects.filter(code='QQP').exists())",
        DATABASE_REPLICA_URL=f"sqlite:///{copy}",
    )

    assert told.split() == ["True", "False", "True"]
