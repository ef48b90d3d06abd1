"""config.replica: who may read from a database that lags behind."""

import os
import shutil
import subprocess
import sys

import pytest
from django.db import transaction

from config import replica
from config.replica import ReplicaRouter
from currency.models import Currency


@pytest.fixture
def with_replica(settings):
    settings.HAS_REPLICA = True
    replica.unpin()
    yield ReplicaRouter()
    replica.unpin()


def test_without_a_replica_everything_is_read_from_the_primary():
    assert ReplicaRouter().db_for_read(Currency) == "default"


def test_a_plain_read_goes_to_the_replica(with_replica):
    assert with_replica.db_for_read(Currency) == "replica"


def test_whoever_has_written_reads_their_own_writes_from_the_primary(with_replica):
    assert with_replica.db_for_write(Currency) == "default"

    assert with_replica.db_for_read(Currency) == "default"


@pytest.mark.django_db
def test_a_read_inside_a_transaction_stays_on_the_primary(with_replica):
    with transaction.atomic():
        assert with_replica.db_for_read(Currency) == "default"


def test_reads_can_be_asked_to_see_everything(with_replica):
    with replica.primary():
        assert with_replica.db_for_read(Currency) == "default"
    assert with_replica.db_for_read(Currency) == "replica"


def test_the_next_request_starts_unpinned(with_replica):
    with_replica.db_for_write(Currency)
    replica.unpin()

    assert with_replica.db_for_read(Currency) == "replica"


def test_nothing_is_migrated_on_the_replica(with_replica):
    assert not with_replica.allow_migrate("replica", "currency")


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
        "seen = lambda: Currency.objects.filter(code='QQQ').exists()\n"
        "print(seen(), end=' ')\n"
        "Currency.objects.create(code='QQP')\n"
        "print(seen(), Currency.objects.filter(code='QQP').exists())",
        DATABASE_REPLICA_URL=f"sqlite:///{copy}",
    )

    assert told.split() == ["True", "False", "True"]
