"""What is in a MySQL database, as a count and a checksum of every table: two that agree hold the same rows."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from deploy.restore.moment import Refused

#: Rows fetched at a time: the server keeps the rest.
_ROWS = 5_000


@dataclass(frozen=True)
class Contents:
    """Of a table: how many rows, and the SHA-256 of them all in the order of the primary key."""

    rows: int
    sha256: str


def tables() -> list[str]:
    """Of every model, with those that join two of them, and Django's own list of migrations."""
    models = apps.get_models(include_auto_created=True)
    named = {model._meta.db_table for model in models if model._meta.managed}
    return sorted(named | {MigrationRecorder.Migration._meta.db_table})


def taken() -> Iterator[tuple[str, Contents | None]]:
    """Every table of the service in the default database, all as of one instant; None where it is missing.

    Raises: Refused for a database that is not of the MySQL family; MySQLdb.Error.
    """
    if connection.vendor != "mysql":
        raise Refused("expected a MySQL database: set DATABASE_URL to mysql://user@host:port/name")
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        orders = {
            table: connection.introspection.get_primary_key_columns(cursor, table) or []
            for table in tables()
            if table in there
        }
    with closing(_reader()) as reader:
        cursor = reader.cursor()
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        for table in tables():
            yield table, _contents(cursor, table, orders[table]) if table in there else None


def _reader() -> Any:
    """A connection that gives rows as the server sends them, a part at a time, and converts nothing."""
    import MySQLdb
    from MySQLdb.cursors import SSCursor

    return MySQLdb.connect(**{**connection.get_connection_params(), "conv": {}, "cursorclass": SSCursor})


def _contents(cursor: Any, table: str, order: list[str]) -> Contents:
    quoted = connection.ops.quote_name
    by = f" ORDER BY {', '.join(map(quoted, order))}" if order else ""
    cursor.execute(f"SELECT * FROM {quoted(table)}{by}")  # noqa: S608 - the models' own names
    digest, rows = hashlib.sha256(), 0
    while part := cursor.fetchmany(_ROWS):
        rows += len(part)
        for row in part:
            digest.update(repr(row).encode())
    return Contents(rows, digest.hexdigest())


def differing(known: Mapping[str, Contents | None], found: Mapping[str, Contents | None]) -> list[str]:
    """A line for each table that is not what was known of it."""
    return [
        f"{table}: {_told(found.get(table))}, known: {_told(known.get(table))}"
        for table in sorted(known.keys() | found.keys())
        if known.get(table) != found.get(table)
    ]


def _told(contents: Contents | None) -> str:
    return f"{contents.rows:,} rows {contents.sha256[:8]}" if contents else "missing"
