"""Monthly partitions of the observations, on MySQL and MariaDB.

Each month (UTC, by `recorded_at`) is a partition of `exchange_rate_history`, one more holds everything
before 1999, and the last, without an upper bound, whatever comes after the prepared months: so a
forgotten job loses nothing. Reads that say when (`published_between`) touch only their months, and
old months go by DROP PARTITION, 30 ms each, where a DELETE would take minutes.

The primary key becomes (id, recorded_at), because MySQL wants the partitioning column in every
unique key. Ids still come from one counter, so Django may go on taking `id` for the key.

DDL commits whatever is open, so nothing here may run inside atomic().
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import OperationalError

from currency.models import ExchangeRate

#: The euro and its reference rates begin here; FRED reaches back to 1971 with a handful of currencies.
FIRST_MONTH = date(1999, 1, 1)
AHEAD = 3
#: Screening a live value reads the 120 days before it, and no four months are shorter.
LEAST_RETAINED = 4
#: Seconds to wait for readers of the table; whoever queues behind a waiting DDL waits as well.
LOCK_WAIT = 5

_TABLE = ExchangeRate._meta.db_table
_BEFORE, _FUTURE = "p_before", "p_future"
_LOCK_WAIT_TIMEOUT = 1205


class TableBusy(Exception):
    """Long transactions held the table for longer than `LOCK_WAIT`; nothing was changed."""


class NotPartitioned(Exception):
    """The migration that partitions the table has not run."""


@dataclass(frozen=True, slots=True)
class Partition:
    """Holds instants before `until` (00:00 UTC) that the partition ahead of it does not; None: all others."""

    name: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What upkeep would change: first days of the months to add, and the partitions to drop, oldest first."""

    add: list[date]
    drop: list[Partition]


def is_supported(connection: Any) -> bool:
    return bool(connection.vendor == "mysql")


def partitions(connection: Any) -> list[Partition]:
    """The partitions in order of time; none where the table is not partitioned. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT partition_name, partition_description FROM information_schema.partitions"
            " WHERE table_schema = DATABASE() AND table_name = %s AND partition_name IS NOT NULL"
            " ORDER BY partition_ordinal_position",
            [_TABLE],
        )
        return [Partition(name, _bound(described)) for name, described in cursor.fetchall()]


def _bound(described: str) -> date | None:
    """'2026-11-01', quotes and perhaps a time included, as the servers print it; MAXVALUE is None."""
    found = re.search(r"\d{4}-\d\d-\d\d", described)
    return date.fromisoformat(found[0]) if found else None


def partition(connection: Any, *, today: date, ahead: int = AHEAD) -> bool:
    """Partition the table by month up to `ahead` months after `today`'s; whether there was anything to do.

    One statement, so that an interrupted run leaves the table as it was. Copies the table: an empty
    one takes under a second, 220,000 rows about ten; readers go on, writers wait.
    """
    if not is_supported(connection) or partitions(connection):
        return False
    _execute(
        connection,
        f"ALTER TABLE {_TABLE} DROP PRIMARY KEY, ADD PRIMARY KEY (id, recorded_at)"
        f" PARTITION BY RANGE COLUMNS (recorded_at) (PARTITION {_BEFORE} VALUES LESS THAN ('{FIRST_MONTH}'),"
        f" {_definitions(_months(FIRST_MONTH, _month(today, ahead)))})",
    )
    return True


def unpartition(connection: Any) -> bool:
    """The plain table again, every row kept; whether there was anything to do. One statement."""
    if not is_supported(connection) or not partitions(connection):
        return False
    _execute(connection, f"ALTER TABLE {_TABLE} DROP PRIMARY KEY, ADD PRIMARY KEY (id) REMOVE PARTITIONING")
    return True


def plan(
    existing: Sequence[Partition], *, today: date, ahead: int = AHEAD, retain_months: int | None = None
) -> Plan:
    """What is missing up to `ahead` months after `today`'s, and what is older than `retain_months`.

    A partition goes when all of it lies before the first of the month `retain_months` ago.
    Raises: NotPartitioned.
    """
    bounds = [each.until for each in existing if each.until is not None]
    if not bounds:
        raise NotPartitioned
    drop: list[Partition] = []
    if retain_months is not None:
        oldest_kept = _month(today, -retain_months)
        drop = [each for each in existing if each.until is not None and each.until <= oldest_kept]
    return Plan(add=list(_months(bounds[-1], _month(today, ahead))), drop=drop)


def keep_up(
    connection: Any,
    *,
    today: date,
    ahead: int = AHEAD,
    retain_months: int | None = None,
    dry_run: bool = False,
) -> Plan:
    """Make a plan and, unless it is a dry run, carry it out; the plan. Empty where nothing is partitioned.

    Raises: NotPartitioned, TableBusy.
    """
    if not is_supported(connection):
        return Plan(add=[], drop=[])
    made = plan(partitions(connection), today=today, ahead=ahead, retain_months=retain_months)
    if not dry_run:
        carry_out(connection, made)
    return made


def carry_out(connection: Any, plan: Plan) -> None:
    """Add, then drop, oldest first. To go on after a failure make a new plan.

    Raises: TableBusy.
    """
    if plan.add:
        _execute(
            connection,
            f"ALTER TABLE {_TABLE} REORGANIZE PARTITION {_FUTURE} INTO ({_definitions(plan.add)})",
        )
    # A dozen at a time: about 0.3 s in which readers wait, where 300 at once take 8.
    for start in range(0, len(plan.drop), 12):
        names = ", ".join(each.name for each in plan.drop[start : start + 12])
        _execute(connection, f"ALTER TABLE {_TABLE} DROP PARTITION {names}")


def name_of(month: date) -> str:
    return f"p{month:%Y_%m}"


def _definitions(months: Sequence[date] | Iterator[date]) -> str:
    told = [f"PARTITION {name_of(month)} VALUES LESS THAN ('{_month(month, 1)}')" for month in months]
    return ", ".join([*told, f"PARTITION {_FUTURE} VALUES LESS THAN (MAXVALUE)"])


def _month(day: date, later: int) -> date:
    """The first day of the month `later` months after that of `day`."""
    return day.replace(day=1) + relativedelta(months=later)


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = _month(first, 1)


def _execute(connection: Any, statement: str) -> None:
    """One DDL statement that gives up when the table is in use, instead of stopping everybody behind it."""
    if connection.in_atomic_block:
        raise AssertionError("DDL commits the transaction it runs in: call outside atomic()")
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION lock_wait_timeout = {LOCK_WAIT}")
        try:
            cursor.execute(statement)
        except OperationalError as exc:
            if exc.args[0] == _LOCK_WAIT_TIMEOUT:
                raise TableBusy from exc
            raise
        finally:
            cursor.execute("SET SESSION lock_wait_timeout = DEFAULT")
