"""currency.partitions and manage.py partitions: the months of the observations, on MariaDB."""

import io
import re
import threading
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections, transaction

from currency import partitions
from currency.models import ExchangeRate
from currency.partitions import NotPartitioned, Partition, plan
from history.models import DailyRate
from tests.factories import make_observation

on_mariadb = pytest.mark.skipif(
    "connection.vendor != 'mysql'", reason="SQLite has no partitions (TEST_STACK=services runs this)"
)

MONTHS = [
    Partition("p_before", date(1999, 1, 1)),
    Partition("p1999_01", date(1999, 2, 1)),
    Partition("p1999_02", date(1999, 3, 1)),
    Partition("p_future", None),
]


# --- what is to be done -----------------------------------------------------------------------


def test_months_are_prepared_up_to_so_many_after_this_one():
    assert plan(MONTHS, today=date(1999, 2, 28), ahead=3).add == [date(1999, month, 1) for month in (3, 4, 5)]
    assert plan(MONTHS, today=date(1998, 11, 30), ahead=3).add == []


def test_months_that_were_forgotten_are_made_up_for_over_the_turn_of_a_year():
    told = plan(MONTHS, today=date(2000, 1, 15), ahead=1)

    assert [told.add[0], told.add[-1], len(told.add)] == [date(1999, 3, 1), date(2000, 2, 1), 12]


@pytest.mark.parametrize(
    ("today", "retained", "dropped"),
    [
        # Four months before June is February: what ends by the 1st of it goes.
        (date(1999, 6, 30), 4, ["p_before", "p1999_01"]),
        (date(1999, 6, 1), 5, ["p_before"]),
        (date(1999, 6, 1), 6, []),
        (date(2026, 11, 23), 12, ["p_before", "p1999_01", "p1999_02"]),
    ],
)
def test_a_month_is_dropped_when_all_of_it_is_older_than_is_kept(today, retained, dropped):
    assert [each.name for each in plan(MONTHS, today=today, retain_months=retained).drop] == dropped


def test_by_default_everything_is_kept():
    assert plan(MONTHS, today=date(2026, 11, 23)).drop == []


def test_a_plain_table_has_no_plan():
    with pytest.raises(NotPartitioned):
        plan([], today=date(2026, 11, 23))


# --- the command ------------------------------------------------------------------------------


def run(**options) -> list[str]:
    told = io.StringIO()
    call_command("partitions", stdout=told, **options)
    return told.getvalue().splitlines()


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'mysql'", reason="MariaDB has partitions")
def test_on_sqlite_the_command_does_nothing_and_says_so():
    assert run() == ["SQLite has no partitions: nothing to do."]


@pytest.mark.parametrize(
    "arguments", [["--retain-months", "3"], ["--retain-months", "-1"], ["--ahead", "0"], ["--ahead", "x"]]
)
def test_too_few_months_are_refused(arguments):
    with pytest.raises(CommandError, match="expected a whole number of months from"):
        call_command("partitions", *arguments)


def names() -> list[str]:
    return [each.name for each in partitions.partitions(connection)]


@pytest.fixture
def restored(transactional_db):
    """DDL cannot be rolled back: the months of the migration again, whatever the test did."""
    before = names()
    yield
    ExchangeRate.objects.all().delete()
    if names() != before:
        partitions.unpartition(connection)
        partitions.partition(connection, today=datetime.now(UTC).date())
    assert names() == before


@on_mariadb
@pytest.mark.django_db
def test_the_migration_makes_a_partition_of_every_month_since_1999():
    told = names()

    assert told[:3] == ["p_before", "p1999_01", "p1999_02"]
    assert told[-1] == "p_future"
    months = told[1:-1]
    assert months == [f"p{1999 + n // 12}_{n % 12 + 1:02}" for n in range(len(months))]
    today = datetime.now(UTC).date()
    assert len(months) == (today.year - 1999) * 12 + today.month + 3


@on_mariadb
@pytest.mark.usefixtures("restored")
def test_coming_months_are_created_once_and_rows_find_their_way_into_them():
    after = date.today().replace(day=15)  # noqa: DTZ011 - any day of a month that is prepared
    with time_machine.travel(datetime(after.year + 1, 1, 15, tzinfo=UTC), tick=False):
        row = make_observation(recorded_at=datetime(after.year + 1, 4, 10, tzinfo=UTC))
        before = names()
        planned = run(ahead=4, dry_run=True)
        assert names() == before
        told = run(ahead=4)
        again = run(ahead=4)

    assert told[-1] == f"p{after.year + 1}_05 created"
    assert planned == [line.replace("created", "would be created") for line in told]
    assert names() == [*before[:-1], *[line.split()[0] for line in told], "p_future"]
    assert again == [f"Nothing to do: {len(names())} partitions."]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM exchange_rate_history PARTITION (p{after.year + 1}_04)")  # noqa: S608
        assert cursor.fetchall() == ((row.pk,),)


@on_mariadb
@pytest.mark.usefixtures("restored")
def test_old_months_go_only_when_told_to_and_their_bars_stay():
    for day in (date(1971, 1, 4), date(1999, 1, 4), date(1999, 6, 30), date(1999, 7, 1)):
        make_observation(rate_date=day)
    DailyRate.objects.create(
        currency_code="USD",
        source="ecb",
        rate_date=date(1999, 1, 4),
        observation_count=1,
        volatility=0.0,
        **dict.fromkeys(("open", "high", "low", "close", "average"), 1335),
    )
    with time_machine.travel(datetime(2000, 7, 10, tzinfo=UTC), tick=False):
        run()
        assert ExchangeRate.objects.count() == 4
        told = run(retain_months=12)

    assert told[0] == "p_before dropped (everything before 1999-01-01)"
    assert told[-1] == "p1999_06 dropped (everything before 1999-07-01)"
    assert names()[0] == "p1999_07"
    assert list(ExchangeRate.objects.values_list("rate_date", flat=True)) == [date(1999, 7, 1)]
    assert DailyRate.objects.count() == 1


@on_mariadb
@pytest.mark.usefixtures("restored")
def test_the_migration_can_be_undone_and_done_again_and_loses_nothing():
    rows = [make_observation(rate_date=date(2026, month, 5)).pk for month in (1, 5, 10)]

    assert partitions.partition(connection, today=date(2026, 11, 23)) is False
    assert partitions.unpartition(connection) is True
    assert partitions.unpartition(connection) is False
    assert names() == []
    with pytest.raises(CommandError, match=r"not partitioned yet: run manage\.py migrate first"):
        run()
    assert partitions.partition(connection, today=date(2026, 11, 23)) is True

    assert (names()[0], names()[-2:]) == ("p_before", ["p2027_02", "p_future"])
    assert sorted(ExchangeRate.objects.values_list("pk", flat=True)) == rows


@on_mariadb
@pytest.mark.usefixtures("restored")
def test_a_table_in_use_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(partitions, "LOCK_WAIT", 1)
    reading, done = threading.Event(), threading.Event()

    def read_for_long() -> None:
        with transaction.atomic():
            list(ExchangeRate.objects.all()[:1])
            reading.set()
            done.wait(20)
        connections["default"].close()

    before = names()
    reader = threading.Thread(target=read_for_long)
    reader.start()
    reading.wait(20)
    try:
        with pytest.raises(CommandError, match="in use for 1 seconds on end: try again later"):
            run(ahead=12)
    finally:
        done.set()
        reader.join()

    assert names() == before


# --- what partitions must not change ----------------------------------------------------------


@on_mariadb
@pytest.mark.django_db
def test_inside_a_transaction_there_is_no_ddl():
    with pytest.raises(AssertionError, match="outside atomic"):
        partitions.unpartition(connection)


@on_mariadb
@pytest.mark.django_db
def test_reads_of_a_span_touch_only_its_months():
    make_observation()
    october = ExchangeRate.objects.of(["USD"]).published_between(date(2026, 10, 5), date(2026, 10, 28))

    with connection.cursor() as cursor:
        sql, parameters = october.query.sql_with_params()
        cursor.execute(f"EXPLAIN PARTITIONS {sql}", parameters)
        columns = [column[0] for column in cursor.description]
        [plan_of_it] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    assert plan_of_it["partitions"] == "p2026_10"
    assert october.count() == 0
    assert ExchangeRate.objects.published_between(date(2026, 10, 30), date(2026, 10, 30)).count() == 1


@on_mariadb
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("observation_rate_is_positive", {"deal_base_rate": "0"}),
        ("observation_tts_is_above", {"tts": "1300"}),
        ("observation_ttb_is_below", {"ttb": "1400"}),
        ("observation_unit_is_positive", {"published_unit": 0}),
        ("observation_is_unique", {}),
    ],
)
def test_every_constraint_of_an_observation_still_holds(constraint, wrong):
    make_observation()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_observation(**({"revision": 1} if wrong else {}), **wrong)


@on_mariadb
@pytest.mark.django_db
def test_the_key_is_id_and_time_and_ids_still_come_from_one_counter():
    with connection.cursor() as cursor:
        cursor.execute("SHOW CREATE TABLE exchange_rate_history")
        definition = cursor.fetchone()[1]

    assert re.search(r"PRIMARY KEY \(`id`,`recorded_at`\)", definition)
    first, second = (make_observation(rate_date=date(year, 1, 5)) for year in (2026, 2025))
    assert second.pk > first.pk
    assert ExchangeRate.objects.get(pk=second.pk).rate_date == date(2025, 1, 5)
