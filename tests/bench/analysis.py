"""What analysis costs over the whole shipped history: reading the closes, and computing from them.

`python -m tests.bench.analysis`; loads 27 years into a SQLite file first. A dash: nothing to read. The last
column is against the statistics of one year, in the same run.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.server import ROOT

RUNS = 7
TEN = ["USD", "JPY", "EUR", "CNY", "THB", "GBP", "AUD", "HKD", "SGD", "CHF"]


def measure(console: Console) -> None:
    """The table: milliseconds, the best of seven."""
    with tempfile.TemporaryDirectory(prefix="analysis-") as folder:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'analysis.sqlite3'}",
            "ARCHIVE_URL": f"file://{folder}/archive",
            "CACHE_URL": "locmem://",
            "LOG_LEVEL": "ERROR",
        }
        for command in (
            ["manage.py", "migrate", "--verbosity", "0"],
            ["manage.py", "ingest", "ecb", "--bundled"],
        ):
            subprocess.run(
                [sys.executable, *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
            )
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.analysis", "--measure"],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    table = Table(title="Analysis, ECB since 1999, SQLite: milliseconds (best of 7)")
    for column in ("what", "closes", "reading", "computing", "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for line in told.stdout.splitlines():
        table.add_row(*line.split("\t"))
    console.print(table)


def _report() -> None:
    import django

    django.setup()
    from history import indicators
    from history.analysis import analyse
    from history.backtest import backtest
    from history.closes import Closes, closes, closes_of_many
    from history.comparison import compare
    from history.forecast import forecast

    now = datetime.now(UTC)
    lead = timedelta(days=764)

    def stats(found: Closes) -> None:
        days, prices = found.window()
        analyse(days, prices)
        indicators.newest(found.prices)

    def read(period: str, base: str = "KRW") -> Closes:
        found = closes(code="USD", base=base, period=period, now=now, lead=lead)
        assert found is not None
        return found

    whole = read("max")
    rows: list[tuple[str, Callable[[], Any], Callable[[Any], Any]]] = [
        ("stats 1y", lambda: read("1y"), stats),
        ("stats max", lambda: read("max"), stats),
        ("stats max, USD in JPY", lambda: read("max", "JPY"), stats),
        ("compare 10, 5y", lambda: closes_of_many(codes=TEN, base="KRW", period="5y", now=now), compare),
        (
            "forecast 30 days",
            lambda: whole,
            lambda found: forecast(found.days, found.prices, calendar="XECB", count=30),
        ),
        ("backtest 27 years × 30", lambda: whole, lambda found: backtest(found.days, found.prices)),
    ]
    yardstick = 0.0
    for what, reading, computing in rows:
        read_ms, found = _best(reading)
        computed_ms, _ = _best(lambda computing=computing, found=found: computing(found))  # type: ignore[misc]
        yardstick = yardstick or computed_ms
        count = len(found.days) if isinstance(found, Closes) else sum(len(one.days) for one in found.values())
        reading_told = "–" if found is whole else f"{read_ms:.1f}"
        print(f"{what}\t{count:,}\t{reading_told}\t{computed_ms:.1f}\t{computed_ms / yardstick:.1f}")


def _best(work: Callable[[], Any]) -> tuple[float, Any]:
    best, result = float("inf"), None
    for _ in range(RUNS):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return 1000 * best, result


if __name__ == "__main__":
    if "--measure" in sys.argv:
        _report()
    else:
        measure(Console())
