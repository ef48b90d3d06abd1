"""The first schedule: written once, and the operators' from then on."""

from importlib import import_module

import pytest
from django.apps import apps
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks

from config.schedule import Entry, seed
from currency.models import Provider
from ingestor import registry

pytestmark = pytest.mark.django_db

MIGRATIONS = [
    "config.migrations.0002_outbox",
    "config.migrations.0003_heartbeat",
    "config.migrations.0004_measure",
    "currency.migrations.0003_schedule",
    "history.migrations.0002_schedule",
    "history.migrations.0003_forecast_backtests",
    "ingestor.migrations.0002_schedule",
    "ranking.migrations.0002_schedule",
]
ENTRY = Entry(name="sweep", task="ranking.recalculate", cron="*/5 * * * *", description="", expires=300)


@pytest.fixture
def seeded():
    """As after the first migrate, also where an earlier test has emptied the tables."""
    PeriodicTask.objects.all().delete()
    CrontabSchedule.objects.all().delete()
    registry.fill_table()
    fill()


def fill():
    for name in MIGRATIONS:
        import_module(name).fill(apps, None)


@pytest.mark.usefixtures("seeded")
def test_everything_that_has_to_happen_by_itself_is_in_it():
    rows = {row.name: (row.task, str(row.crontab).split(" (")[0]) for row in PeriodicTask.objects.all()}

    assert rows == {
        **{f"collect {key}": ("ingestor.collect", "*/5 * * * *") for key in registry.profiles()},
        **{f"collect {key}": ("ingestor.collect", "23 * * * *") for key in ("bigmac", "worldbank")},
        "relay events": ("config.relay_events", "* * * * *"),
        "heartbeat": ("config.heartbeat", "* * * * *"),
        "measure": ("config.measure", "* * * * *"),
        "check freshness": ("ingestor.check_freshness", "7 * * * *"),
        "rebuild bars": ("history.rebuild_bars", "17 3,9,15,21 * * *"),
        "backtest forecasts": ("history.backtest_forecasts", "47 1,7,13,19 * * *"),
        "prepare partitions": ("currency.prepare_partitions", "41 4,10,16,22 * * *"),
        "rank every five minutes": ("ranking.recalculate", "*/5 * * * *"),
        "rank at midnight": ("ranking.recalculate", "0 0 * * *"),
        "expire selections": ("ranking.expire_selections", "23 2,8,14,20 * * *"),
    }


@pytest.mark.usefixtures("seeded")
def test_what_operators_have_changed_stays_changed():
    hourly = CrontabSchedule.objects.create(minute="30", timezone="Asia/Seoul")
    PeriodicTask.objects.filter(name="collect ecb").update(enabled=False, crontab=hourly, kwargs="{}")

    fill()
    registry.fill_table()

    row = PeriodicTask.objects.get(name="collect ecb")
    assert (row.enabled, row.crontab, row.kwargs) == (False, hourly, "{}")


@pytest.mark.usefixtures("seeded")
def test_a_row_that_operators_have_deleted_does_not_come_back_with_the_next_migrate():
    PeriodicTask.objects.filter(name="collect ecb").delete()

    registry.fill_table()

    assert not PeriodicTask.objects.filter(name="collect ecb").exists()


@pytest.mark.usefixtures("seeded")
def test_a_provider_that_is_added_later_gets_its_row():
    Provider.objects.filter(key="fred").delete()
    PeriodicTask.objects.filter(name="collect fred").delete()

    registry.fill_table()

    row = PeriodicTask.objects.get(name="collect fred")
    assert (row.kwargs, row.enabled, row.crontab.timezone.key) == ('{"provider": "fred"}', True, "Asia/Seoul")


def test_a_running_beat_is_told_of_new_rows():
    PeriodicTasks.objects.all().delete()

    seed(apps, [ENTRY])

    assert PeriodicTasks.last_change() is not None


def test_rows_of_the_same_hours_share_their_crontab():
    before = CrontabSchedule.objects.filter(minute="59").count()

    seed(apps, [Entry(name=name, task="x", cron="59 * * * *", description="") for name in ("one", "two")])

    assert before == 0
    assert CrontabSchedule.objects.filter(minute="59").count() == 1
