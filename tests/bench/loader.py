"""The bundled load, beside raw `executemany` of as many rows of the same widths."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.server import ROOT

MARIADB = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency")


def _run(environment: dict[str, str], *arguments: str) -> tuple[float, int]:
    """Seconds and peak kilobytes of one `manage.py` command, by the operating system's own account."""
    program = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    command = [sys.executable, "-c", program, sys.executable, "manage.py", *arguments]
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, int(done.stdout.split()[-1])


def raw_rows_a_second(columns: int, rows: int = 200_000) -> float:
    """SQLite's own speed for plain rows with one unique index, in the loader's chunks."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "raw.sqlite3", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        names = ", ".join(f"c{n}" for n in range(columns))
        connection.execute(f"CREATE TABLE raw (id INTEGER PRIMARY KEY, {names}, UNIQUE (c0, c1, c2, c3))")
        row = ["12345.6789012345"] * (columns - 4)
        statement = f"INSERT INTO raw ({names}) VALUES ({', '.join('?' * columns)})"  # noqa: S608
        started = time.perf_counter()
        for first in range(0, rows, 20_000):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                statement,
                (
                    [f"{n % 41}", "ecb", f"2026-01-01 {n // 41:06}", 0, *row]
                    for n in range(first, first + 20_000)
                ),
            )
            connection.execute("COMMIT")
        return rows / (time.perf_counter() - started)


def measure(console: Console, environment: dict[str, str]) -> None:
    """Load into `environment`'s database (SQLite), then again; and into MariaDB where it answers."""
    table = Table(title="The bundled ECB history: observations and daily bars")
    for column in ("database", "load", "rows", "seconds", "rows/s", "of executemany", "peak MB"):
        table.add_column(column, justify="left" if column in {"database", "load"} else "right")
    raw = raw_rows_a_second(14)
    table.add_row("SQLite", "raw executemany", "200,000", "", f"{raw:,.0f}", "1.00", "")
    databases = {"SQLite": environment}
    if maria := _mariadb():
        databases["MariaDB"] = {**environment, "DATABASE_URL": maria}
    for name, settings in databases.items():
        _run(settings, "migrate", "--verbosity", "0")
        for title in ("first", "second"):
            seconds, peak = _run(settings, "ingest", "--bundled")
            rows = _rows(settings) if title == "first" else 0
            rate = rows / seconds
            table.add_row(
                name,
                title,
                f"{rows:,}",
                f"{seconds:.1f}",
                f"{rate:,.0f}" if rows else "",
                f"{rate / raw:.2f}" if rows else "",
                f"{peak / 1024:.0f}",
            )
    console.print(table)
    if maria:
        _mysql("DROP DATABASE currency_bench")


def _rows(environment: dict[str, str]) -> int:
    code = (
        "import django; django.setup()\n"
        "from currency.models import ExchangeRate\nfrom history.models import DailyRate\n"
        "print(ExchangeRate.objects.count() + DailyRate.objects.count())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split()[-1])


def _mariadb() -> str:
    try:
        _mysql("DROP DATABASE IF EXISTS currency_bench")
        _mysql("CREATE DATABASE currency_bench CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    except (ImportError, OSError):
        return ""
    return re.sub(r"/[^/]*$", "/currency_bench", MARIADB)


def _mysql(statement: str) -> None:
    import environ
    import MySQLdb

    address = environ.Env.db_url_config(MARIADB)
    try:
        connection = MySQLdb.connect(
            host=address["HOST"],
            port=int(address["PORT"] or 3306),
            user=address["USER"],
            password=address["PASSWORD"],
            connect_timeout=2,
        )
    except MySQLdb.Error as exc:
        raise OSError(str(exc)) from exc
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
