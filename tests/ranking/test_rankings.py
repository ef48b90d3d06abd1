"""From selections to the ranking in force: windows, movement, snapshots, and what goes wrong."""

import json
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connections

from config.cache import generation
from currency import destinations
from currency.models import Destination
from ranking import recalculation, results
from ranking.models import DailyCount, RankingResult
from ranking.recalculation import recalculate
from ranking.recording import Choice, record
from ranking.stores import StoreUnavailable, store
from ranking.stores.sql import SqlStore
from tests.ranking.outage import database_out

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # noon in Seoul
SUNDAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def select(country, *, users=1, at=NOON):
    """As if `at` were now: what was selected earlier is to be selected first."""
    with time_machine.travel(at, tick=False):
        for number in range(users):
            record(Choice(countries=(country,), user_id=f"u{number}", address="192.0.2.1", agent=""), now=at)


def told(period, at=NOON):
    return [
        (place["rank"], place["country_code"], place["score"], place["change"], place["previous_rank"])
        for place in results.ranking(period, now=at)["ranking"]
    ]


def test_a_selection_is_in_the_daily_ranking_at_once():
    assert told("daily") == []

    select("JP", users=2)
    select("US")

    assert told("daily") == [(1, "JP", 2, "NEW", None), (2, "US", 1, "NEW", None)]


def test_yesterday_is_what_today_moves_against():
    select("US", users=3, at=NOON - DAY)
    select("JP", users=2, at=NOON - DAY)
    select("JP", users=2)
    select("US", users=1)
    select("VN", users=1)

    assert told("daily") == [
        (1, "JP", 2, "UP", 2),
        (2, "US", 1, "DOWN", 1),
        (2, "VN", 1, "NEW", None),
    ]


def test_a_visitor_counts_once_for_each_day_of_a_week():
    for number in reversed(range(7)):
        select("JP", at=NOON - number * DAY)
        select("JP", at=NOON - number * DAY)

    assert told("weekly") == [(1, "JP", 7, "NEW", None)]


def test_the_week_before_does_not_count_but_is_compared_with():
    select("JP", users=5, at=NOON - 14 * DAY)
    select("JP", users=1, at=NOON - 13 * DAY)
    select("US", users=2, at=NOON - 7 * DAY)
    select("JP", users=1, at=NOON - 6 * DAY)

    assert told("weekly") == [(1, "JP", 1, "UP", 2)]


def test_a_month_is_thirty_days_whatever_the_calendar_says():
    select("VN", at=NOON - 60 * DAY)
    select("US", at=NOON - 30 * DAY)
    select("JP", at=NOON - 29 * DAY)

    assert told("monthly") == [(1, "JP", 1, "NEW", None)]


def test_at_seoul_midnight_the_day_begins_empty_and_the_week_goes_on():
    midnight = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    select("JP", at=midnight - timedelta(microseconds=1))

    assert told("daily", midnight - timedelta(microseconds=1)) == [(1, "JP", 1, "NEW", None)]
    assert told("daily", midnight) == []
    assert told("weekly", midnight) == [(1, "JP", 1, "NEW", None)]


def test_a_snapshot_says_what_it_is_of():
    select("JP", users=2)
    select("JP", users=2)

    snapshot = results.ranking("weekly", now=NOON)

    assert snapshot["window"] == {"from": "2026-11-16", "to": "2026-11-22"}
    assert snapshot["previous_window"] == {"from": "2026-11-09", "to": "2026-11-15"}
    assert snapshot["totals"] == {"selections": 4, "visitors": 2, "score": 2, "countries": 1}
    assert snapshot["method"] == "visitors/1"
    assert snapshot["calculated_at"] == "2026-11-22T03:00:00Z"
    assert snapshot["duration_ms"] > 0


def test_an_installation_may_rank_by_every_selection(settings):
    settings.RANKING_SCORE = "selections"

    select("JP")
    select("JP")
    select("US", users=1)

    assert told("daily") == [(1, "JP", 2, "NEW", None), (2, "US", 1, "NEW", None)]
    assert results.ranking("daily", now=NOON)["method"] == "selections/1"


def test_a_destination_switched_off_in_the_middle_of_a_window_is_not_ranked_and_comes_back():
    select("JP", users=2)
    select("US", users=1)
    japan = Destination.objects.get(country_code="JP")
    japan.is_active = False
    japan.save()

    recalculate(now=NOON)
    without = results.ranking("daily", now=NOON)
    japan.is_active = True
    japan.save()
    recalculate(now=NOON)

    assert [place["country_code"] for place in without["ranking"]] == ["US"]
    assert without["ranking"][0]["percentage"] == 100
    assert without["totals"]["score"] == 1
    assert [place[1] for place in told("daily")] == ["JP", "US"]


def test_a_warm_ranking_costs_no_query(django_assert_num_queries):
    select("JP")
    results.ranking("daily", now=NOON)

    with django_assert_num_queries(0):
        results.ranking("daily", now=NOON)


def test_a_ranking_costs_as_many_queries_for_a_thousand_selections_as_for_one(django_assert_num_queries):
    recalculate(now=NOON)
    for number, country in enumerate(Destination.objects.values_list("country_code", flat=True)[:60]):
        DailyCount.objects.create(
            selection_date=SUNDAY, country_code=country, shard=0, selections=1000 * number, visitors=number
        )
    destinations.active()

    # Two reads of documents and counts, and for each of three periods one conditional update.
    with django_assert_num_queries(6):
        recalculate(now=NOON)


def test_the_last_good_ranking_is_told_while_computing_fails(monkeypatch):
    select("JP")
    assert told("daily") == [(1, "JP", 1, "NEW", None)]

    def out(*_, **__):
        raise StoreUnavailable("OperationalError")

    monkeypatch.setattr(SqlStore, "counts", out)

    assert told("daily", NOON + DAY) == [(1, "JP", 1, "NEW", None)]
    assert results.ranking("daily", now=NOON + DAY)["window"]["to"] == "2026-11-22"


@pytest.mark.django_db(transaction=True)
def test_the_last_good_ranking_is_told_while_the_store_is_out_even_after_midnight():
    select("JP")
    assert told("daily") == [(1, "JP", 1, "NEW", None)]
    generation.move_on("rankings")

    with database_out():
        assert told("daily", NOON + DAY) == [(1, "JP", 1, "NEW", None)]


def test_a_ranking_whose_announcement_was_lost_is_seen_within_seconds(monkeypatch):
    """The worker died after it had written, or its cache was out: no generation has moved."""
    with time_machine.travel(NOON, tick=False) as clock:
        select("JP")
        assert told("daily") == [(1, "JP", 1, "NEW", None)]
        with monkeypatch.context() as during:
            during.setattr(generation, "move_on", lambda subject: None)
            record(Choice(countries=("JP",), user_id="x", address="192.0.2.1", agent=""), now=NOON)
        assert told("daily") == [(1, "JP", 1, "NEW", None)]

        clock.shift(5.1)

        assert told("daily") == [(1, "JP", 2, "NEW", None)]


def test_a_run_that_began_before_midnight_does_not_put_yesterday_back(monkeypatch):
    midnight = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    documents = SqlStore.documents
    overtaken: list[bool] = []

    def overtake_once(self, names):
        kept = documents(self, names)
        if not overtaken:
            overtaken.append(True)
            recalculate(now=midnight)
        return kept

    monkeypatch.setattr(SqlStore, "documents", overtake_once)

    recalculate(now=midnight - timedelta(milliseconds=1))

    assert documents(SqlStore(), ["daily"])["daily"].body["window"]["to"] == "2026-11-23"


@pytest.mark.django_db(transaction=True)
def test_a_destination_switched_off_leaves_the_ranking_without_another_selection():
    now = datetime.now(UTC)
    record(Choice(countries=("JP",), user_id="u1", address="192.0.2.1", agent=""), now=now)
    japan = Destination.objects.get(country_code="JP")
    japan.is_active = False

    japan.save()

    assert told("daily", now) == []
    japan.is_active = True
    japan.save()


@pytest.mark.django_db(transaction=True)
def test_a_store_that_is_down_before_anybody_asked_is_an_error_and_not_an_empty_ranking():
    with database_out(), pytest.raises(StoreUnavailable):
        results.ranking("daily", now=NOON)


def test_a_snapshot_is_replaced_as_a_whole_and_counted():
    select("JP")
    first = RankingResult.objects.get(period="daily").version

    recalculate(now=NOON, periods=["daily"], calculation_id="c-2")

    row = RankingResult.objects.get(period="daily")
    assert row.version == first + 1
    assert row.body["calculation_id"] == "c-2"
    assert json.dumps(row.body)


def test_whoever_is_overtaken_counts_again_what_was_committed_meanwhile(monkeypatch):
    select("JP")
    counts = SqlStore.counts
    overtaken: list[bool] = []

    def overtake_once(self, days):
        counted = counts(self, days)
        if not overtaken:
            overtaken.append(True)
            DailyCount.objects.create(
                selection_date=SUNDAY, country_code="US", shard=0, selections=5, visitors=5
            )
            recalculate(now=NOON)
        return counted

    monkeypatch.setattr(SqlStore, "counts", overtake_once)

    recalculate(now=NOON)

    assert [place[1] for place in told("daily")] == ["US", "JP"]


def test_whoever_is_overtaken_for_ever_gives_up_and_says_so(monkeypatch):
    monkeypatch.setattr(SqlStore, "write", lambda *_, **__: False)

    with pytest.raises(recalculation.Overtaken, match="daily"):
        recalculate(now=NOON, periods=["daily"])


def test_an_unknown_period_is_refused():
    with pytest.raises(ValueError, match="yearly"):
        recalculate(now=NOON, periods=["yearly"])


@pytest.mark.django_db(transaction=True)
def test_twelve_threads_that_select_at_once_are_all_in_the_ranking_afterwards():
    now = datetime.now(UTC)

    def one(number):
        try:
            record(Choice(countries=("JP",), user_id=f"t{number}", address="192.0.2.1", agent=""), now=now)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store().documents(["daily"])["daily"].body["totals"]["visitors"] == 12
    assert told("daily", now) == [(1, "JP", 12, "NEW", None)]
