"""A machine of its own for processes: what they see, and a database of this stack as migrations leave it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings

from tests.aws_server import ROOT

Environment = dict[str, str]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Environment, list[str]]]:
    """Migrated once for a module, which takes longer than most of its tests; and the tables that were empty then."""
    if django_settings.TEST_STACK == "embedded":
        url = f"sqlite:///{tmp_path_factory.mktemp('scratch') / 'scratch.sqlite3'}"
    else:
        url = f"{django_settings.TEST_MARIADB}_scratch{os.environ.get('PYTEST_XDIST_WORKER', '')}"
        _on_server(
            url,
            f"DROP DATABASE IF EXISTS {_name_in(url)}",
            f"CREATE DATABASE {_name_in(url)} CHARACTER SET utf8mb4",
        )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PROVIDER_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATABASE_URL": url,
        "LOG_FORMAT": "json",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    yield environment, [table for table in _tables(environment) if not rows_of(environment, _any_of(table))]
    if url.startswith("mysql"):
        _on_server(url, f"DROP DATABASE {_name_in(url)}")


@pytest.fixture
def scratch(migrated: tuple[Environment, list[str]], tmp_path: Path) -> Environment:
    """The environment of that machine. What an earlier test has written is gone."""
    environment, empty = migrated
    with closing(_connected(environment)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(
            "SET FOREIGN_KEY_CHECKS = 0" if _is_mariadb(environment) else "PRAGMA foreign_keys = OFF"
        )
        for table in empty:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        connection.commit()
    return {**environment, "ARCHIVE_URL": f"file://{tmp_path / 'archive'}"}


def rows_of(environment: Environment, query: str) -> list[tuple[Any, ...]]:
    """Asked past Django, over a connection of its own."""
    with closing(_connected(environment)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(query)
        return [tuple(row) for row in cursor.fetchall()]


def _tables(environment: Environment) -> list[str]:
    listed = (
        "SHOW TABLES" if _is_mariadb(environment) else "SELECT name FROM sqlite_master WHERE type = 'table'"
    )
    return [name for (name,) in rows_of(environment, listed) if not name.startswith("sqlite_")]


def _any_of(table: str) -> str:
    return f"SELECT 1 FROM {table} LIMIT 1"  # noqa: S608 - our own names


def _is_mariadb(environment: Environment) -> bool:
    return environment["DATABASE_URL"].startswith("mysql")


def _connected(environment: Environment) -> Any:
    url = environment["DATABASE_URL"]
    return (
        _mariadb(url, db=_name_in(url))
        if _is_mariadb(environment)
        else sqlite3.connect(urlsplit(url).path[1:])
    )


def _on_server(url: str, *statements: str) -> None:
    with closing(_mariadb(url)) as connection, closing(connection.cursor()) as cursor:
        for statement in statements:
            cursor.execute(statement)


def _mariadb(url: str, **more: str) -> Any:
    import MySQLdb

    parts = urlsplit(url)
    return MySQLdb.connect(
        host=parts.hostname, port=parts.port or 3306, user=parts.username, passwd=parts.password or "", **more
    )


def _name_in(url: str) -> str:
    return urlsplit(url).path[1:]
