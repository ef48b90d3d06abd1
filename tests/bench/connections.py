"""What the database costs a request by itself: a new connection each time, a kept one, a kept one that is asked first.

On MariaDB at TEST_MARIADB_URL, without TLS and without a proxy between, both of which make a new
connection dearer still.
"""

import os
import statistics
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

from tests.bench.server import ROOT

MARIADB = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency")
#: Name, CONN_MAX_AGE, CONN_HEALTH_CHECKS.
WAYS = (("a new one for each request", 0, False), ("kept", 60, False), ("kept, and asked first", 60, True))
REQUESTS = 400


def measure(console: Console) -> None:
    """Milliseconds and statements of a request that asks one question, in a process of its own."""
    # The server's own database: ours need not have been made.
    environment = {"DATABASE_URL": f"{MARIADB.rpartition('/')[0]}/mysql", "LOG_LEVEL": "ERROR"}
    told = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "CACHE_URL": "locmem://", **environment}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.connections"],
        cwd=ROOT,
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1]
        console.print(f"MariaDB at {MARIADB} does not answer: connections were not measured ({reason}).")
        return
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    table = Table(title="A request that asks MariaDB one question")
    for column in ("connection", "median ms", "of a kept one", "statements"):
        table.add_column(column, justify="left" if column == "connection" else "right")
    kept = float(rows[1][1])
    for name, milliseconds, statements in rows:
        table.add_row(name, milliseconds, f"{float(milliseconds) / kept:.1f}", statements)
    console.print(table)


def main() -> None:
    import django

    django.setup()
    for name, age, is_asked_first in WAYS:
        milliseconds, statements = _requests(age, is_asked_first)
        print(name, f"{milliseconds:.3f}", f"{statements:.0f}", sep="\t")


def _requests(age: int, is_asked_first: bool) -> tuple[float, float]:
    """(median milliseconds, statements) of a request."""
    from django.core.signals import request_finished, request_started
    from django.db import connection

    def request() -> None:
        request_started.send(None)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        request_finished.send(None)

    def statements() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SHOW GLOBAL STATUS LIKE 'Questions'")
            return int(cursor.fetchone()[1])

    connection.close()
    connection.settings_dict.update(CONN_MAX_AGE=age, CONN_HEALTH_CHECKS=is_asked_first)
    before, took = statements(), []
    connection.close()
    for _ in range(REQUESTS):
        started = time.perf_counter()
        request()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1000, round((statements() - before) / REQUESTS)


if __name__ == "__main__":
    main()
