"""Daily bars: what one provider's day looked like, built from the observations in force.

A bar is derived: building it again from the same observations gives the same bar, and that is how
it is kept, in the transaction that records observations and by `manage.py rebuild_bars`.
"""

import statistics
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any

from django.db import connections, router

from currency.models import ExchangeRate
from history.models import DailyRate

_TEN_PLACES = Decimal("1e-10")
Key = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of one provider: KRW for one unit, in the order of the day.

    `volatility` is the sample standard deviation of the percent changes from one observation to the
    next; 0 where the day has fewer than three observations and so fewer than two changes.
    """

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    average: Decimal
    observation_count: int
    volatility: float


_NAMES = [field.name for field in fields(Bar)]
_values = attrgetter(*_NAMES)


def bar_of(rates: Sequence[Decimal]) -> Bar:
    """The bar of one day's rates, oldest first; a lone fixing gives four equal values.

    Raises: ValueError for a day without rates.
    """
    if len(rates) == 1:
        [rate] = rates
        return Bar(rate, rate, rate, rate, rate, 1, 0.0)
    if not rates:
        raise ValueError("a day without rates has no bar")
    changes = [float(100 * (later / earlier - 1)) for earlier, later in pairwise(rates)]
    return Bar(
        open=rates[0],
        high=max(rates),
        low=min(rates),
        close=rates[-1],
        average=(sum(rates, start=Decimal(0)) / len(rates)).quantize(_TEN_PLACES),
        observation_count=len(rates),
        volatility=statistics.stdev(changes) if len(changes) > 1 else 0.0,
    )


def rebuild(*, source: str, first: date, last: date, codes: Collection[str] | None = None) -> int:
    """Bring the bars of `source` in line with its observations from `first` to `last`; how many changed.

    Bars that are right already are not written, and bars whose observations are gone are deleted.
    Runs in the caller's transaction; a second call changes nothing. Two reads.
    """
    observations = ExchangeRate.objects.published_between(first, last).filter(source=source)
    stored = DailyRate.objects.filter(source=source, rate_date__gte=first, rate_date__lte=last)
    if codes is not None:
        observations, stored = observations.of(list(codes)), stored.filter(currency_code__in=codes)
    using = router.db_for_write(DailyRate)
    # Bars first, and locked: whoever records an observation of these days meanwhile then waits for us and
    # builds after us. Read the other way round, a bar committed in between would look orphaned.
    kept = {
        (code, day): tuple(values)
        for code, day, *values in stored.using(using)
        .select_for_update()
        .values_list("currency_code", "rate_date", *_NAMES)
    }
    built = dict(_built(observations.using(using)))
    changed = [(key, bar) for key, bar in sorted(built.items()) if kept.get(key) != _values(bar)]
    gone = sorted(kept.keys() - built.keys())
    _write(using, source, changed)
    for code, day in gone:
        stored.filter(currency_code=code, rate_date=day).delete()
    return len(changed) + len(gone)


def _built(observations: Any) -> Iterator[tuple[Key, Bar]]:
    rows: Any = observations.order_by("currency_code", "rate_date", "recorded_at", "revision").values_list(
        "currency_code", "rate_date", "recorded_at", "deal_base_rate"
    )
    for key, of_day in groupby(rows, key=_by_day):
        # Revisions of one fixing follow each other; the last one is in force.
        in_force: dict[datetime, Decimal] = {recorded_at: rate for _, _, recorded_at, rate in of_day}
        yield key, bar_of(list(in_force.values()))


def _by_day(row: tuple[str, date, datetime, Decimal]) -> Key:
    return row[0], row[1]


def _write(using: str, source: str, bars: list[tuple[Key, Bar]]) -> None:
    """Insert or replace; one prepared statement, keys sorted so that two writers cannot deadlock."""
    if not bars:
        return
    connection = connections[using]
    columns = ["currency_code", "source", "rate_date", *_NAMES]
    quoted = [connection.ops.quote_name(column) for column in columns]
    values = ", ".join(["%s"] * len(columns))
    if connection.vendor == "mysql":
        conflict = "ON DUPLICATE KEY UPDATE " + ", ".join(f"{name} = VALUES({name})" for name in quoted[3:])
    else:
        conflict = f"ON CONFLICT ({', '.join(quoted[:3])}) DO UPDATE SET " + ", ".join(
            f"{name} = excluded.{name}" for name in quoted[3:]
        )
    table = connection.ops.quote_name(DailyRate._meta.db_table)
    statement = f"INSERT INTO {table} ({', '.join(quoted)}) VALUES ({values}) {conflict}"  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_row(connection, source, key, bar) for key, bar in bars])


def _row(connection: Any, source: str, key: Key, bar: Bar) -> list[Any]:
    code, day = key
    if connection.vendor == "mysql":
        return [code, source, day, *_values(bar)]
    # SQLite has no decimals of its own: they are kept as Django keeps them, as text of fixed form.
    prices = [f"{price:.10f}" for price in (bar.open, bar.high, bar.low, bar.close, bar.average)]
    return [code, source, day.isoformat(), *prices, bar.observation_count, bar.volatility]
