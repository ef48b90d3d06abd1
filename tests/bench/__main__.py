"""`make bench`: what a request and a row cost here, as ratios measured in one run.

The host's speed swings, so nothing here asserts a figure; each row stands beside a bare WSGI
application that returns the same bytes under the same server.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import connections, loader
from tests.bench.server import ROOT, Load, load, serve

COLD = Path(__file__).with_name("cold.lua")
WARM = {
    "latest": "/api/v1/currencies/latest?symbols=USD,JPY,EUR,CNY,THB",
    "history": "/api/v1/history?target=USD&period=1m",
    "convert": "/api/v1/currencies/convert?from=USD&to=JPY&amount=100",
    "currency": "/api/v1/currencies/USD",
    "rankings": "/api/v1/rankings?period=daily&limit=10",
    "stats": "/api/v1/history/stats?target=USD&period=1y",
    "forecast": "/api/v1/history/forecast/USD",
    "quote": "/api/v1/currencies/quote?from=KRW&to=JPY&amount=1000000",
}
#: Those that cold.lua knows to ask otherwise every time.
COMPUTED = {"latest", "history", "convert", "stats", "quote"}
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")

console = Console()


def environment(scratch: Path, **more: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.local",
        "DATABASE_URL": f"sqlite:///{scratch / 'bench.sqlite3'}",
        "ARCHIVE_URL": f"file://{scratch / 'archive'}",
        "CACHE_URL": "locmem://",
        "LOG_FORMAT": "json",
        "ACCESS_LOG": "true",
        # Counted like any caller's, only never refused.
        "LIMIT_ANONYMOUS": "1000000000",
        "LIMIT_SELECTIONS": "1000000000",
        **more,
    }


def _body(url: str, scratch: Path) -> Path:
    path = scratch / "body.json"
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own server on loopback
        path.write_bytes(answer.read())
    return path


def _select(address: str) -> None:
    """Something to rank: forty selections of ten countries."""
    for number in range(40):
        country = ("JP", "VN", "TH", "US", "TW", "CN", "PH", "SG", "FR", "ES")[number % 10]
        body = f'{{"user_id": "traveller-{number}", "country_code": "{country}"}}'.encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/api/v1/rankings/selections", body, headers)  # noqa: S310
        urllib.request.urlopen(request).close()  # noqa: S310 - our own server on loopback


def requests(scratch: Path) -> None:
    """Requests a second and p99 by endpoint and tier, beside bare WSGI with the same bytes."""
    with serve("service", **environment(scratch)) as address:
        _select(address)
    table = Table(title="One granian worker, one blocking thread, 32 connections")
    for column in ("endpoint", "tier", "bytes", "req/s", "of bare WSGI", "p50 ms", "p99 ms", "not 2xx"):
        table.add_column(column, justify="left" if column in {"endpoint", "tier"} else "right")
    tiers: list[tuple[str, str, dict[str, str]]] = [("memory", "service", {})]
    if _redis_answers():
        tiers.append(("Redis", "shared", {"CACHE_URL": REDIS}))
    else:
        console.print(f"Redis at {REDIS} does not answer: its tier is left out.")
    for name, path in WARM.items():
        with serve("service", **environment(scratch)) as address:
            body = _body(address + path, scratch)
        size = body.stat().st_size
        with serve("bare", BENCH_BODY=str(body)) as address:
            bare = load(address + path)
        _row(table, name, "bare WSGI", size, bare, bare)
        for tier, entry, more in tiers:
            with serve(entry, **environment(scratch, **more)) as address:
                _row(table, name, tier, size, load(address + path), bare)
        if name in COMPUTED:
            os.environ["BENCH_KIND"] = name
            with serve("service", **environment(scratch)) as address:
                _row(table, name, "database", size, load(address, COLD), bare)
        table.add_section()
    console.print(table)


def _row(table: Table, name: str, tier: str, size: int, seen: Load, bare: Load) -> None:
    ratio = f"{seen.rate / bare.rate:.2f}"
    table.add_row(
        name,
        tier,
        str(size),
        f"{seen.rate:,.0f}",
        ratio,
        f"{seen.p50:.2f}",
        f"{seen.p99:.2f}",
        str(seen.errors),
    )


def _redis_answers() -> bool:
    import redis

    try:
        return bool(redis.Redis.from_url(REDIS, socket_connect_timeout=1).ping())
    except redis.RedisError:
        return False


def start_up(scratch: Path) -> None:
    """Seconds from nothing to an importable WSGI entry, the best of three."""
    best = {}
    for title, statement in {
        "python": "pass",
        "django": "import django",
        "the WSGI entry": "import config.wsgi",
    }.items():
        runs = []
        for _ in range(3):
            started = time.perf_counter()
            command = [sys.executable, "-c", statement]
            subprocess.run(command, cwd=ROOT, check=True, env={**os.environ, **environment(scratch)})
            runs.append(time.perf_counter() - started)
        best[title] = min(runs)
    console.print(
        "Start, seconds (best of 3): " + "  ".join(f"{name} {took:.2f}" for name, took in best.items())
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        scratch = Path(folder)
        console.print(
            f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} processors"
        )
        loader.measure(console, environment(scratch))
        start_up(scratch)
        connections.measure(console)
        if shutil.which("wrk"):
            requests(scratch)
        else:
            console.print("wrk is not installed (apt install wrk): requests were not measured.")


if __name__ == "__main__":
    main()
