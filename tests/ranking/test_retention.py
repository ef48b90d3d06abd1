from datetime import UTC, date, datetime, timedelta

import pytest

from ranking.models import DailyCount, Selection, Visit
from ranking.recording import Choice, record
from ranking.retention import retain
from ranking.selection import Count
from ranking.stores import store

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SUNDAY = date(2026, 11, 22)


def select(user="u1", at=NOON):
    return record(Choice(countries=("JP",), user_id=user, address="192.0.2.1", agent=""), now=at)


def test_a_selection_is_forgotten_after_its_retention_and_its_count_stays(settings):
    settings.SELECTION_RETENTION_DAYS = 30
    select()

    deleted = retain(now=NOON + timedelta(days=30))

    assert deleted == 2  # the selection, and the visit that had kept it from counting twice
    assert not Selection.objects.exists()
    assert store().counts([SUNDAY])[SUNDAY] == {"JP": Count(1, 1)}


def test_what_has_not_expired_stays(settings):
    settings.SELECTION_RETENTION_DAYS = 30
    select()

    retain(now=NOON + timedelta(days=30) - timedelta(microseconds=1))

    assert Selection.objects.count() == 1


def test_visits_outlive_their_day_so_that_a_late_clock_counts_nobody_twice():
    select()

    retain(now=NOON + timedelta(days=3))
    select()

    assert Visit.objects.count() == 1
    assert store().counts([SUNDAY])[SUNDAY] == {"JP": Count(2, 1)}


def test_a_second_run_deletes_nothing_more():
    select()
    later = NOON + timedelta(days=365)
    retain(now=later)

    assert retain(now=later) == 0
    assert DailyCount.objects.count() == 1


def test_many_are_deleted_in_small_transactions(monkeypatch):
    from ranking.stores import sql

    monkeypatch.setattr(sql, "_DELETED_AT_ONCE", 2)
    for number in range(5):
        select(f"u{number}")

    assert retain(now=NOON + timedelta(days=365)) == 10
