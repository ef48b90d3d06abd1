"""Counts by day, on the SQL store: what is sealed, what is not, and what a wrong clock does to it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from ranking.models import DailyCount, RankingResult
from ranking.recording import Choice, record
from ranking.retention import retain
from ranking.selection import Count
from ranking.stores import store
from ranking.tally import tally

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 11, 22)


def counted(day, country="JP", shard=0, selections=1, visitors=1):
    return DailyCount.objects.create(
        selection_date=day, country_code=country, shard=shard, selections=selections, visitors=visitors
    )


def sealed():
    return sorted(RankingResult.objects.values_list("period", flat=True))


def test_the_shards_of_a_day_are_added_up():
    counted(SUNDAY, shard=0, selections=5, visitors=2)
    counted(SUNDAY, shard=3, selections=1, visitors=1)

    assert tally(store(), [SUNDAY], today=SUNDAY) == {SUNDAY: {"JP": Count(6, 3)}}


def test_today_and_yesterday_are_never_sealed():
    days = [SUNDAY, SUNDAY - timedelta(days=1)]

    tally(store(), days, today=SUNDAY)

    assert sealed() == []


def test_a_past_day_is_sealed_once_and_read_from_its_seal():
    day = SUNDAY - timedelta(days=2)
    counted(day, selections=4, visitors=3)
    tally(store(), [day], today=SUNDAY)
    DailyCount.objects.all().delete()

    again = tally(store(), [day], today=SUNDAY)

    assert again == {day: {"JP": Count(4, 3)}}
    assert sealed() == ["day#2026-11-20"]


def test_a_day_without_selections_is_an_answer_too():
    assert tally(store(), [SUNDAY], today=SUNDAY) == {SUNDAY: {}}


def test_two_months_cost_as_many_queries_as_two_days(django_assert_num_queries):
    days = [SUNDAY - timedelta(days=number) for number in range(60)]
    for day in days:
        counted(day)
    tally(store(), days, today=SUNDAY)

    with django_assert_num_queries(2):
        tally(store(), days, today=SUNDAY)


def test_a_day_sealed_by_a_clock_that_ran_ahead_is_corrected():
    tally(store(), [SUNDAY], today=SUNDAY + timedelta(days=30))
    counted(SUNDAY, selections=2, visitors=2)
    later = datetime(2026, 11, 25, tzinfo=UTC)
    assert tally(store(), [SUNDAY], today=date(2026, 11, 25)) == {SUNDAY: {}}

    retain(now=later)

    assert tally(store(), [SUNDAY], today=date(2026, 11, 25)) == {SUNDAY: {"JP": Count(2, 2)}}


def test_a_selection_counted_late_for_a_sealed_day_is_found():
    day = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    later = day + timedelta(days=3)
    tally(store(), [SUNDAY], today=SUNDAY + timedelta(days=3))
    record(Choice(countries=("JP",), user_id="u1", address="192.0.2.1", agent=""), now=day)

    retain(now=later)

    assert tally(store(), [SUNDAY], today=SUNDAY + timedelta(days=3)) == {SUNDAY: {"JP": Count(1, 1)}}
    assert RankingResult.objects.get(period="day#2026-11-22").version == 2
