"""Every task of ours: where it goes, how long it may take, what it is given."""

import inspect
import json
import subprocess
import sys
from importlib import import_module

import pytest
from django.apps import apps
from django.utils.module_loading import module_has_submodule

from config.celery import app
from config.routes import misroutings, queue_of
from tests.aws_server import ROOT
from tests.tasks.stage import environment

QUEUES = {"ranking-calculation-queue", "data-processing-queue"}
#: The visibility time-out of the queues, seconds: a task that took longer would be delivered again.
VISIBILITY = 360


@pytest.fixture(scope="module")
def tasks():
    """{name: task} of all apps."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "tasks"):
            import_module(f"{config.name}.tasks")
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def test_every_task_is_known_by_the_name_that_the_schedule_and_other_releases_use(tasks):
    assert tasks.keys() == {
        "config.heartbeat",
        "config.measure",
        "config.relay_events",
        "currency.prepare_partitions",
        "history.backtest_forecasts",
        "history.rebuild_bars",
        "ingestor.backfill",
        "ingestor.check_freshness",
        "ingestor.collect_now",
        "ingestor.collect",
        "ranking.expire_selections",
        "ranking.recalculate",
    }


def test_every_task_goes_to_a_queue_that_is_there(tasks):
    assert {name: queue_of(name) for name in tasks} == {
        name: "ranking-calculation-queue" if name.startswith("ranking.") else "data-processing-queue"
        for name in tasks
    }
    assert misroutings(tasks) == []
    assert set(app.conf.task_queues) == QUEUES


def test_every_task_ends_before_its_message_is_delivered_again(tasks):
    for task in tasks.values():
        assert 0 < task.soft_time_limit < task.time_limit, task.name
        assert task.time_limit * 1.2 <= VISIBILITY, task.name


def test_every_task_takes_plain_words_by_name(tasks):
    for task in tasks.values():
        for parameter in inspect.signature(task.run).parameters.values():
            assert parameter.annotation in {str, str | None}, f"{task.name}({parameter})"


def test_every_task_is_acknowledged_when_it_is_done_and_leaves_no_result(tasks):
    for task in tasks.values():
        assert (task.acks_late, task.reject_on_worker_lost, task.ignore_result) == (True, True, True)
        assert (task.acks_on_failure, task.acks_on_timeout) == (False, False)


def test_a_task_without_a_route_is_told_of():
    assert misroutings(["weather.forecast"]) == ["CELERY_TASK_ROUTES leads nowhere for weather.forecast."]


@pytest.mark.once
@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("-m", "celery", "-A", "config.celery", "worker"),
        ("-m", "celery", "-A", "config.celery", "worker", "-Q", "rankings"),
    ],
    ids=["check", "worker", "worker of an unknown queue"],
)
def test_a_slip_in_a_queue_is_refused_at_start_up(command, tmp_path):
    told = environment(tmp_path, "http://127.0.0.1:9", CELERY_BROKER_URL="redis://127.0.0.1:9/0")
    if "-Q" not in command:
        told["DJANGO_SETTINGS_MODULE"] = "tests.tasks.misrouted"

    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=told,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode != 0
    wrong = "rankings" if "-Q" in command else "data-procesing-queue"
    assert wrong in (done.stdout + done.stderr)


@pytest.mark.once
def test_without_a_broker_there_is_nothing_for_a_worker_to_do(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "config.celery", "worker"],
        cwd=ROOT,
        env=environment(tmp_path, "http://127.0.0.1:9", CELERY_BROKER_URL=""),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode != 0
    assert "CELERY_BROKER_URL: is missing" in done.stdout + done.stderr


@pytest.mark.django_db
def test_the_whole_schedule_names_tasks_that_are_there_with_arguments_they_take(tasks):
    from django_celery_beat.models import PeriodicTask

    rows = list(PeriodicTask.objects.exclude(task__startswith="celery."))

    assert len(rows) >= 5
    for row in rows:
        inspect.signature(tasks[row.task].run).bind(**json.loads(row.kwargs))
        assert row.crontab.timezone.key == "Asia/Seoul"
