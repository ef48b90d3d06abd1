# ruff: noqa: S608 - the statements are made of this file's own constants
"""`python -m tests.bench.admin_lists sqlite|mariadb`: the admin's lists over six million observations.

Fills a database of its own (a temporary file, or `currency_bench_lists` on the MariaDB of TEST_MARIADB_URL,
dropped afterwards) by INSERT … SELECT, asks for each list as a superuser does, and prints its queries and
the median of its milliseconds, templates included; on a busy machine the processor's are the truer ones. The promise: under 15 queries and 300 ms, and no COUNT(*).
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

MARIADB = os.environ.get("TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/currency")
DATABASE = "currency_bench_lists"
ROWS = int(os.environ.get("BENCH_ROWS", "6000000"))
CODES = (  # noqa: SIM905 - forty quotes would say less
    "AED AUD BGN BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR ISK JPY MXN MYR"
    " NOK NZD PHP PLN RON SEK SGD THB TRY TWD USD VND ZAR KWD SAR BHD QAR EGP PEN CLP"
).split()
SOURCES = ("ecb", "ecos", "eximbank", "fred")
#: Of this source there are ten rows among the millions: a filter by it finds them or scans.
RARE = "exchangerate_api"
#: Observations of a pair a day; days go back from the end of 2026.
A_DAY = 4
_LAST = "2026-11-20"

PAGES = {
    "observations": "currency_exchangerate",
    "daily bars": "history_dailyrate",
}
VISITS = {
    "first page": "",
    "page 200, the last": "?p=200",
    "search 일본": "?q=일본",
    "search 달러, page 50": "?q=달러&p=50",
    "search, nothing": "?q=zzz",
    "source": "?source=ecb",
    "source of ten rows": f"?source={RARE}",
    "source, page 150": "?source=ecb&p=150",
    "day": "?day=2015-06-09",
    "day without rows": "?day=1950-01-01",
    "일본, source, day": "?q=일본&source=ecb&day=2015-06-09",
}


def _fill(vendor: str) -> None:
    from django.db import connection, transaction

    from currency import partitions

    if vendor == "mysql":
        partitions.keep_up(connection, today=_day(_LAST))
    steps = ROWS // (len(CODES) * len(SOURCES))
    codes = " UNION ALL ".join(f"SELECT '{code}' AS code" for code in CODES)
    sources = " UNION ALL ".join(f"SELECT '{source}' AS source" for source in SOURCES)
    chunk = 2_000
    for first in range(0, steps, chunk):
        last = min(steps, first + chunk) - 1
        if vendor == "mysql":
            numbers = f"SELECT CAST(seq AS SIGNED) AS n FROM seq_{first}_to_{last}"
            hours = f"(n - {steps}) * {24 // A_DAY}"
            at = f"DATE_ADD('{_LAST} 06:00:00', INTERVAL {hours} HOUR)"
            day = f"DATE({at})"
        else:
            numbers = (
                f"SELECT value AS n FROM (WITH RECURSIVE s(value) AS (SELECT {first} UNION ALL"
                f" SELECT value + 1 FROM s WHERE value < {last}) SELECT value FROM s)"
            )
            at = f"datetime('{_LAST} 06:00:00', ((n - {steps}) * {24 // A_DAY}) || ' hours')"
            day = f"date({at})"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO exchange_rate_history (source, currency_code, recorded_at, revision, rate_date,"
                " deal_base_rate, published_base, published_quote, published_unit, published_rate, fetched_at,"
                f" archive_key) SELECT source, code, {at}, 0, {day}, 1000 + n % 400, code, 'KRW', 1,"
                f" '1234.5', {at}, '' FROM ({numbers}) numbers, ({codes}) codes, ({sources}) sources"
            )
            cursor.execute(
                "INSERT INTO daily_exchange_rates (currency_code, source, rate_date, open, high, low, close,"
                f" average, observation_count, volatility) SELECT code, source, {day}, 1000, 1400, 1000, 1200,"
                f" 1100, {A_DAY}, 0.5 FROM ({numbers}) numbers, ({codes}) codes, ({sources}) sources"
                f" WHERE n % {A_DAY} = 0"
            )
    with transaction.atomic(), connection.cursor() as cursor:
        rare = " UNION ALL ".join(f"SELECT {n} AS n" for n in range(10))
        cursor.execute(
            "INSERT INTO exchange_rate_history (source, currency_code, recorded_at, revision, rate_date,"
            " deal_base_rate, published_base, published_quote, published_unit, published_rate, fetched_at,"
            f" archive_key) SELECT '{RARE}', 'USD', '2001-02-03 04:05:06', n, '2001-02-03', 1250, 'USD', 'KRW',"
            f" 1, '1250', '2001-02-03 04:05:06', '' FROM ({rare}) numbers"
        )
        # The newest of each pair: what the filters are offered from.
        for source, some in ((None, CODES), (RARE, ["USD"])):
            told = " UNION ALL ".join(f"SELECT '{code}' AS code" for code in some)
            whose = f"(SELECT '{source}' AS source)" if source else f"({sources})"
            cursor.execute(
                "INSERT INTO latest_exchange_rates (source, currency_code, recorded_at, rate_date,"
                " deal_base_rate, first_date, fetched_at) SELECT source, code, '2026-11-20 06:00:00',"
                f" '2026-11-20', 1200, '2001-01-01', '2026-11-20 06:00:00' FROM ({told}) codes, {whose} sources"
            )
        cursor.execute(
            "ANALYZE TABLE exchange_rate_history, daily_exchange_rates" if vendor == "mysql" else "ANALYZE"
        )


def _day(told: str):
    from datetime import date

    return date.fromisoformat(told)


def _measure(vendor: str) -> None:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse
    from rich.console import Console
    from rich.table import Table

    from currency.models import ExchangeRate

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_superuser("bench", password="bench"))
    table = Table(title=f"The admin's lists on {vendor}, {ExchangeRate.objects.count():,} observations")
    for column in ("list", "what", "queries", "ms", "processor ms", "database ms", "counts", "rows"):
        table.add_column(column, justify="left" if column in {"list", "what"} else "right")
    worst = 0.0
    for title, name in PAGES.items():
        address = reverse(f"admin:{name}_changelist")
        for what, query in VISITS.items():
            taken, worked = [], []
            for _ in range(6):
                with CaptureQueriesContext(connection) as asked:
                    started, busy = time.perf_counter(), time.process_time()
                    answer = client.get(address + query)
                    taken.append((time.perf_counter() - started) * 1000)
                    worked.append((time.process_time() - busy) * 1000)
            assert answer.status_code == 200, (address + query, answer.status_code)
            counts = sum("COUNT(" in each["sql"].upper() for each in asked.captured_queries)
            rows = len((answer.context_data or {})["cl"].result_list)
            median = statistics.median(taken[1:])
            worst = max(worst, median)
            in_database = sum(float(each["time"]) for each in asked.captured_queries) * 1000
            figures = (median, statistics.median(worked[1:]), in_database)
            table.add_row(
                title, what, str(len(asked)), *(f"{each:.0f}" for each in figures), str(counts), str(rows)
            )
    Console().print(table)
    print(f"slowest: {worst:.0f} ms")


def _run(vendor: str, address: str) -> None:
    os.environ.update(
        DATABASE_URL=address,
        DJANGO_SETTINGS_MODULE="config.settings.local",
        CACHE_URL="locmem://",
        LOG_LEVEL="WARNING",
        DATABASE_REPLICA_URL="",
    )
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    _fill(vendor)
    print(f"{vendor}: filled in {time.perf_counter() - started:.0f} s")
    _measure(vendor)


def _on_mariadb() -> None:
    import MySQLdb

    parts = urlsplit(MARIADB)
    server = MySQLdb.connect(
        host=parts.hostname or "",
        port=parts.port or 3306,
        user=parts.username or "",
        password=parts.password or "",
    )
    server.cursor().execute(f"DROP DATABASE IF EXISTS {DATABASE}")
    server.cursor().execute(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    try:
        _run("mysql", urlunsplit(parts._replace(path=f"/{DATABASE}")))
    finally:
        server.ping(True)
        server.cursor().execute(f"DROP DATABASE {DATABASE}")


def main() -> None:
    wanted = sys.argv[1:] or ["sqlite"]
    if wanted == ["sqlite"]:
        with tempfile.TemporaryDirectory() as folder:
            _run("sqlite", f"sqlite:///{Path(folder) / 'lists.sqlite3'}")
    elif wanted == ["mariadb"]:
        _on_mariadb()
    else:
        raise SystemExit("python -m tests.bench.admin_lists sqlite|mariadb")


if __name__ == "__main__":
    main()
