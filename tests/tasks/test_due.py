"""ingestor.due: when a tick asks a provider, and when it leaves it alone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from currency.models import Provider
from ingestor import registry
from ingestor.due import collect_if_due, is_due
from ingestor.models import CollectionLog
from tests.factories import FRIDAY, make_latest
from tests.ingestor.provider_server import Answer, payload

THURSDAY = FRIDAY - timedelta(days=1)
#: The ECB publishes at 16:00 in Frankfurt, in winter 15:00 UTC.
PUBLICATION = datetime(2026, 10, 30, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def due(key, newest, *, at, asked):
    """`asked` minutes ago, or never."""
    asked_at = None if asked is None else at - asked * MINUTE
    return is_due(registry.profiles()[key], newest=newest, asked_at=asked_at, now=at)


@pytest.mark.parametrize(
    ("newest", "after_publication", "asked", "is_asked"),
    [
        (THURSDAY, -1, 5, False),
        (THURSDAY, 0, 5, True),
        (THURSDAY, 90, 5, True),
        (FRIDAY, 5, 5, False),
        (FRIDAY, 64, 59, False),
        (FRIDAY, 65, 60, True),
        (None, -60, 5, True),
        (THURSDAY, -60, None, True),
    ],
    ids=[
        "a minute before publication there is nothing new",
        "from the minute of publication it is asked",
        "and at every tick until the figures are there",
        "then it is left alone",
        "for an hour",
        "and asked once more for corrections",
        "whose figures are missing altogether is asked",
        "who never answered is asked",
    ],
)
def test_a_daily_provider_is_asked_when_its_figures_may_be_there(newest, after_publication, asked, is_asked):
    at = PUBLICATION + after_publication * MINUTE

    assert due("ecb", newest, at=at, asked=asked) is is_asked


def test_on_a_week_end_only_corrections_are_asked_for():
    saturday = PUBLICATION + timedelta(days=1)

    assert not due("ecb", FRIDAY, at=saturday, asked=30)
    assert due("ecb", FRIDAY, at=saturday, asked=60)


def test_a_weekly_provider_is_asked_from_its_weekday_on():
    # The Federal Reserve's week up to Friday, 23 October, came out on Monday 26th; the next is for 2 November.
    newest = date(2026, 10, 23)

    assert not due("fred", newest, at=datetime(2026, 11, 2, 12, tzinfo=UTC), asked=30)
    assert due("fred", newest, at=datetime(2026, 11, 3, 0, tzinfo=UTC), asked=30)


@pytest.fixture
def ecb(provider_server, settings, db):
    provider_server.plays(settings, "ecb")
    provider_server.answer("/stats/eurofxref/eurofxref-daily.xml", payload("ecb/2026-10-30.xml"))
    return provider_server


def ended(outcome, *, trigger="schedule", minutes_ago=5):
    at = PUBLICATION - minutes_ago * MINUTE
    CollectionLog.objects.create(
        provider="ecb",
        correlation_id=f"{outcome}{minutes_ago}",
        trigger=trigger,
        outcome=outcome,
        error="refused" if outcome == "failure" else "",
        started_at=at,
        ended_at=at,
        duration_ms=0,
    )


def test_what_is_due_is_collected_once(ecb):
    ended("data")
    make_latest(rate_date=THURSDAY)

    first = collect_if_due("ecb", now=PUBLICATION)
    second = collect_if_due("ecb", now=PUBLICATION + 5 * MINUTE)

    assert (first.outcome, first.counts.new, second) == ("data", 29, None)
    assert len(ecb.requests) == 1


def test_whether_to_ask_is_one_query(ecb, django_assert_num_queries):
    ended("data")
    make_latest(rate_date=FRIDAY)

    with django_assert_num_queries(1):
        assert collect_if_due("ecb", now=PUBLICATION) is None
    assert ecb.requests == []


def test_a_failed_run_is_repeated_by_the_next_tick(ecb):
    ended("data", minutes_ago=70)
    ended("failure")
    make_latest(rate_date=THURSDAY)

    assert collect_if_due("ecb", now=PUBLICATION - MINUTE).outcome == "data"


def test_a_run_for_the_past_says_nothing_of_today(ecb):
    ended("data", trigger="backfill")
    make_latest(rate_date=THURSDAY)

    assert collect_if_due("ecb", now=PUBLICATION - MINUTE).outcome == "data"


def test_a_failure_of_the_provider_is_the_runs_and_not_the_tasks(ecb):
    ecb.answer("/stats/*", Answer(status=404))

    assert collect_if_due("ecb", now=PUBLICATION).outcome == "failure"


def test_who_is_disabled_or_not_configured_is_left_alone(ecb):
    Provider.objects.filter(key="ecb").update(is_enabled=False)

    assert collect_if_due("ecb", now=PUBLICATION) is None
    assert collect_if_due("ecos", now=PUBLICATION) is None
    assert ecb.requests == []
    assert not CollectionLog.objects.exists()


@pytest.mark.django_db
def test_a_provider_that_is_not_there_is_an_error():
    with pytest.raises(Provider.DoesNotExist):
        collect_if_due("nobody", now=PUBLICATION)
