"""What a ranking costs: nothing more for a million selections than for ten thousand.

`python -m tests.bench.rankings`; takes some minutes, most of them to fill the tables. The last column is what counting the
selections themselves would take, in the same run on the same database.
"""

import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from rich.console import Console
from rich.table import Table

from tests.bench.server import ROOT

MARIADB = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency")
NAME = "currency_bench_rankings"
SIZES = (10_000, 100_000, 1_000_000)
DAYS = 60
RUNS = 7


def measure(console: Console) -> None:
    """The table, for SQLite and, where it answers, MariaDB."""
    table = Table(title="All three rankings, 60 days, 63 countries, 8 shards: milliseconds (best of 7)")
    for column in ("database", "selections", "ranking", "first, sealing", "grouping selections"):
        table.add_column(column, justify="left" if column == "database" else "right")
    with tempfile.TemporaryDirectory(prefix="rankings-") as folder:
        addresses = {"SQLite": f"sqlite:///{Path(folder) / 'rankings.sqlite3'}"}
        if _made_mariadb():
            addresses["MariaDB"] = urlunsplit(urlsplit(MARIADB)._replace(path=f"/{NAME}"))
        for title, address in addresses.items():
            environment = {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.local",
                "DATABASE_URL": address,
                "CACHE_URL": "locmem://",
                "LOG_LEVEL": "ERROR",
            }
            command = [sys.executable, "-m", "tests.bench.rankings", "--measure"]
            told = subprocess.run(
                command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
            )
            for line in told.stdout.splitlines():
                table.add_row(title, *line.split())
            table.add_section()
    console.print(table)


def _made_mariadb() -> bool:
    try:
        import MySQLdb
    except ImportError:
        return False
    parts = urlsplit(MARIADB)
    try:
        connection = MySQLdb.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=parts.username or "root",
            password=parts.password or "",
        )
    except MySQLdb.OperationalError:
        return False
    with connection:
        connection.cursor().execute(f"DROP DATABASE IF EXISTS {NAME}")
        connection.cursor().execute(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4")
    return True


def _measure_here() -> None:
    """Print a line for each size, filling the database of this process's settings between them."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db.models import Count

    from currency.models import Destination
    from ranking.models import DailyCount, RankingResult, Selection
    from ranking.recalculation import recalculate
    from ranking.window import last_days, seoul_day

    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    days = list(last_days(DAYS, seoul_day(now)).days())
    countries = list(Destination.objects.filter(is_active=True).values_list("country_code", flat=True))
    places = [(day, country) for day in days for country in countries]
    grouped = Selection.objects.values_list("selection_date", "country_code").annotate(
        Count("visitor", distinct=True)
    )
    filled = 0
    for size in SIZES:
        _select(Selection, places, now, filled, size)
        filled = size
        DailyCount.objects.all().delete()
        share = size // len(places) // 8 + 1
        DailyCount.objects.bulk_create(
            (
                DailyCount(
                    selection_date=day, country_code=country, shard=shard, selections=share, visitors=share
                )
                for day, country in places
                for shard in range(8)
            ),
            batch_size=2_000,
        )
        RankingResult.objects.all().delete()
        first = _milliseconds(lambda: recalculate(now=now))
        best = min(_milliseconds(lambda: recalculate(now=now)) for _ in range(RUNS))
        naive = min(_milliseconds(lambda: list(grouped.all())) for _ in range(2))
        print(f"{size:,} {best:.1f} {first:.1f} {naive:,.1f}", flush=True)


def _select(model, places, now, filled, size) -> None:
    rows = (
        model(
            id=f"{number:032x}",
            country_code=places[number % len(places)][1],
            selection_date=places[number % len(places)][0],
            selected_at=now,
            visitor=f"{number % 50_000:032x}",
            key_id="bench",
            request_id=f"{number:032x}",
            expires_at=now + timedelta(days=90),
        )
        for number in range(filled, size)
    )
    model.objects.bulk_create(rows, batch_size=2_000)


def _milliseconds(work) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    if "--measure" in sys.argv:
        _measure_here()
    else:
        measure(Console())
