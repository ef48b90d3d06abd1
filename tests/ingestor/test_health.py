"""ingestor.health: is collection well?"""

from datetime import UTC, date, datetime, timedelta

import pytest

from currency.models import Provider
from currency.schedule import next_publication
from ingestor.health import summary
from ingestor.models import CollectionLog
from ingestor.recording import write
from tests.ingestor.observations import FRIDAY, NOW, observation, sourced

pytestmark = pytest.mark.django_db

#: Friday, 23:00 in Seoul: ECOS's day is due since 17:30, ECB's of Friday since 18:00 in Frankfurt not yet.
FRIDAY_NIGHT = datetime(2026, 10, 30, 14, tzinfo=UTC)


def told(source, day):
    write(source, sourced(observation("1336.1", day=day)))


def test_without_a_single_rate_nothing_is_well():
    assert summary(NOW)["status"] == "unhealthy"


def test_every_provider_with_rates_has_to_be_up_to_date(settings):
    settings.PROVIDERS = {"ecos": {"api_key": "x"}}
    told("ecos", FRIDAY)
    assert summary(FRIDAY_NIGHT)["status"] == "healthy"
    told("ecb", date(2026, 10, 28))
    assert summary(FRIDAY_NIGHT)["status"] == "degraded"
    assert summary(FRIDAY_NIGHT + timedelta(days=7))["status"] == "unhealthy"


def test_providers_that_nobody_asks_are_not_missed(settings):
    settings.PROVIDERS = {"ecos": {"api_key": "x"}}
    told("ecos", FRIDAY)
    told("fred", date(2020, 1, 2))  # no key any more
    told("ecb", date(2020, 1, 2))
    Provider.objects.filter(key="ecb").update(is_enabled=False)

    assert summary(FRIDAY_NIGHT)["status"] == "healthy"


def test_the_last_run_is_the_one_that_ended():
    for minute, outcome in enumerate(["data", "no_data"]):
        ended = NOW + timedelta(minutes=minute)
        CollectionLog.objects.create(
            provider="ecb",
            correlation_id=outcome,
            trigger="schedule",
            outcome=outcome,
            started_at=ended,
            ended_at=ended,
            duration_ms=0,
        )
    CollectionLog.objects.create(
        provider="ecb", correlation_id="open", trigger="schedule", started_at=NOW + timedelta(minutes=5)
    )

    assert summary(NOW)["last_run"] == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("key", "now", "expected"),
    [
        # 16:00 in Frankfurt, winter time since 25 October.
        ("ecb", "2026-10-30T14:59", "2026-10-30T15:00"),
        ("ecb", "2026-10-30T15:00", "2026-11-02T15:00"),
        # 11:00 in Seoul.
        ("eximbank", "2026-10-30T01:59", "2026-10-30T02:00"),
        ("eximbank", "2026-10-30T02:00", "2026-11-02T02:00"),
        # Mondays 16:20 in New York, summer time until 1 November.
        ("fred", "2026-10-26T20:19", "2026-10-26T20:20"),
        ("fred", "2026-10-26T20:20", "2026-11-02T21:20"),
    ],
)
def test_the_next_publication_follows_the_providers_own_clock_and_calendar(key, now, expected):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = next_publication(Provider.objects.get(key=key), moment)

    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_the_whole_summary_is_two_queries(django_assert_num_queries):
    told("ecb", FRIDAY)

    with django_assert_num_queries(2):
        assert set(summary(NOW)) == {"status", "last_run", "next_run"}


def test_the_health_page_tells_it(api):
    told("ecb", date(2020, 1, 2))

    report = api.get("/health").json()["data"]["services"]["data_ingestor"]

    assert report["status"] == "unhealthy"
    assert report["next_run"] is not None
