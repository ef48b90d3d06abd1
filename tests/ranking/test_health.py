from datetime import UTC, datetime, timedelta

import pytest

from ranking.health import summary
from ranking.recalculation import recalculate

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_without_a_broker_nothing_is_scheduled_and_nothing_can_be_late():
    recalculate(now=NOON)

    assert summary(NOON + timedelta(days=3)) == {"status": "healthy", "last_run": NOON, "next_run": None}


def test_rankings_are_well_while_the_schedule_keeps_them_fresh(settings):
    settings.CELERY_BROKER_URL = "sqs://"
    recalculate(now=NOON)

    told = summary(NOON + timedelta(minutes=15))

    assert told == {"status": "healthy", "last_run": NOON, "next_run": NOON + timedelta(minutes=5)}


def test_rankings_that_nobody_has_computed_for_a_quarter_of_an_hour_are_degraded(settings):
    settings.CELERY_BROKER_URL = "sqs://"
    recalculate(now=NOON)

    assert summary(NOON + timedelta(minutes=15, seconds=1))["status"] == "degraded"


def test_a_period_that_was_never_computed_is_degraded_and_the_oldest_snapshot_decides(settings):
    settings.CELERY_BROKER_URL = "sqs://"
    assert summary(NOON)["status"] == "degraded"
    recalculate(now=NOON - timedelta(hours=1))
    recalculate(now=NOON, periods=["daily", "weekly"])

    told = summary(NOON)

    assert (told["status"], told["last_run"]) == ("degraded", NOON - timedelta(hours=1))
