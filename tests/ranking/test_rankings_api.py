"""Rankings and statistics as a client reads them, through the gate."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from config.cache import generation
from currency.models import Destination
from ranking.models import DailyCount
from tests.ranking.asking import BASE, ENGLISH, NOON, data, error, select
from tests.ranking.outage import database_out


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=True):
        yield


# --- reading -------------------------------------------------------------------------------------


def test_a_selection_is_visible_in_the_next_answer(api):
    assert data(api.get(f"{BASE}?period=daily"))["ranking"] == []
    select(api, "JP", "u1")
    select(api, "JP", "u2")
    select(api, "TH", "u1")

    told = data(api.get(f"{BASE}?period=daily", headers=ENGLISH))

    assert told["total_selections"] == 3
    assert told["ranking"] == [
        {
            "rank": 1,
            "country_code": "JP",
            "country_name": "Japan",
            "score": 2,
            "selection_count": 2,
            "percentage": 66.67,
            "change": "NEW",
            "change_value": None,
            "previous_rank": None,
        },
        {
            "rank": 2,
            "country_code": "TH",
            "country_name": "Thailand",
            "score": 1,
            "selection_count": 1,
            "percentage": 33.33,
            "change": "NEW",
            "change_value": None,
            "previous_rank": None,
        },
    ]
    assert told["window"] == {"from": "2026-11-22", "to": "2026-11-22"}
    assert told["last_updated"].endswith("Z")


def test_names_of_countries_are_korean_unless_english_is_asked_for(api):
    select(api)

    assert data(api.get(f"{BASE}?period=DAILY"))["ranking"][0]["country_name"] == "일본"


def test_equal_scores_share_a_rank_and_the_next_is_skipped(api):
    for user, countries in [("u1", "US JP TH VN"), ("u2", "US JP TH"), ("u3", "US")]:
        api.post(f"{BASE}/update", json={"countries": countries.split(), "user_id": user})

    places = data(api.get(f"{BASE}?period=weekly"))["ranking"]

    assert [(place["rank"], place["country_code"], place["score"]) for place in places] == [
        (1, "US", 3),
        (2, "JP", 2),
        (2, "TH", 2),
        (4, "VN", 1),
    ]
    assert [place["percentage"] for place in places] == [37.5, 25.0, 25.0, 12.5]


def test_pages_of_a_ranking_hold_together(api):
    codes = list(Destination.objects.filter(is_active=True).values_list("country_code", flat=True)[:12])
    for number, code in enumerate(codes):
        DailyCount.objects.create(
            selection_date=NOON.date(), country_code=code, shard=0, selections=99, visitors=50 - number
        )

    pages = [data(api.get(f"{BASE}?period=daily&limit=5&offset={offset}")) for offset in (0, 5, 10, 15)]

    assert [[place["country_code"] for place in page["ranking"]] for page in pages] == [
        codes[:5],
        codes[5:10],
        codes[10:],
        [],
    ]
    assert pages[1]["pagination"] == {
        "current_page": 2,
        "total_pages": 3,
        "total_items": 12,
        "items_per_page": 5,
        "has_next": True,
        "has_previous": True,
    }
    assert [page["pagination"]["has_next"] for page in pages] == [True, True, False, False]
    assert [page["pagination"]["has_previous"] for page in pages] == [False, True, True, True]


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ("", "MISSING_PARAMETER", "period"),
        ("period=", "MISSING_PARAMETER", "period"),
        ("period=yearly", "INVALID_PERIOD", "period"),
        ("period=daily&limit=0", "INVALID_PARAMETER", "limit"),
        ("period=daily&limit=51", "INVALID_PARAMETER", "limit"),
        ("period=daily&limit=ten", "INVALID_PARAMETER", "limit"),
        ("period=daily&limit=1_0", "INVALID_PARAMETER", "limit"),
        ("period=daily&limit=１０", "INVALID_PARAMETER", "limit"),
        ("period=daily&limit=5.0", "INVALID_PARAMETER", "limit"),
        ("period=daily&offset=-1", "INVALID_PARAMETER", "offset"),
        ("period=daily&offset=999999999999999999999", "INVALID_PARAMETER", "offset"),
        ("period=daily&page=2", "INVALID_PARAMETER", "page"),
        ("period=daily&period=weekly", "INVALID_PARAMETER", "period"),
    ],
)
def test_a_question_that_is_wrong_is_refused_by_name(api, query, code, parameter):
    told = error(api.get(f"{BASE}?{query}", headers=ENGLISH))

    assert (told["code"], told["details"]["parameter"]) == (code, parameter)


def test_an_answer_may_be_kept_five_seconds_and_never_beyond_seoul_midnight(api):
    assert api.get(f"{BASE}?period=daily").headers["Cache-Control"] == "public, max-age=5"

    with time_machine.travel(datetime(2026, 11, 22, 14, 59, 57, tzinfo=UTC), tick=False):
        assert api.get(f"{BASE}?period=weekly").headers["Cache-Control"] == "public, max-age=3"
    with time_machine.travel(datetime(2026, 11, 22, 14, 59, 59, 500_000, tzinfo=UTC), tick=False):
        assert api.get(f"{BASE}?period=monthly").headers["Cache-Control"] == "no-store"


def test_at_seoul_midnight_the_stored_answer_of_yesterday_is_told_no_more(api):
    with time_machine.travel(datetime(2026, 11, 22, 14, 59, 58, tzinfo=UTC), tick=False) as clock:
        select(api)
        assert data(api.get(f"{BASE}?period=daily"))["total_selections"] == 1

        clock.shift(timedelta(seconds=2))

        told = data(api.get(f"{BASE}?period=daily"))
        assert (told["total_selections"], told["window"]["to"]) == (0, "2026-11-23")


def test_a_warm_ranking_costs_no_query(api, django_assert_num_queries):
    select(api)
    api.get(f"{BASE}?period=daily")
    api.get(f"{BASE}?period=daily&limit=1")

    with django_assert_num_queries(0):
        api.get(f"{BASE}?period=daily")
        # Another page is not stored yet; the snapshot is.
        api.get(f"{BASE}?period=daily&limit=1&offset=1")


def test_a_selection_leaves_the_stored_rates_alone(api, django_assert_num_queries):
    api.get("/api/v1/currencies/latest")
    select(api)

    with django_assert_num_queries(0):
        api.get("/api/v1/currencies/latest")


def test_what_has_not_changed_is_not_sent_again(api):
    select(api)
    first = api.get(f"{BASE}?period=daily")

    again = api.get(f"{BASE}?period=daily", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.content) == (304, b"")


def test_the_last_ranking_is_told_while_the_store_is_down(transactional_db, api):
    select(api)
    api.get(f"{BASE}?period=daily")

    with database_out(), time_machine.travel(NOON + timedelta(minutes=10)):
        generation.move_on("rankings")
        assert data(api.get(f"{BASE}?period=daily"))["total_selections"] == 1
        assert error(api.get(f"{BASE}?period=weekly"), 503)["code"] == "DATABASE_UNAVAILABLE"


# --- one country ---------------------------------------------------------------------------------


def test_a_country_is_told_day_by_day(api):
    for days_ago, visitors in [(0, 3), (1, 1), (7, 2)]:
        DailyCount.objects.create(
            selection_date=NOON.date() - timedelta(days=days_ago),
            country_code="JP",
            shard=0,
            selections=visitors,
            visitors=visitors,
        )

    told = data(api.get(f"{BASE}/stats/jp?period=7d", headers=ENGLISH))

    assert (told["country_code"], told["country_name"], told["period"]) == ("JP", "Japan", "7d")
    assert told["statistics"] == {
        "total_selections": 4,
        "daily_average": 0.57,
        "peak_day": "2026-11-22",
        "peak_selections": 3,
        "growth_rate": 100.0,
    }
    assert told["daily_breakdown"][:3] == [
        {"date": "2026-11-22", "count": 3, "rank": 1},
        {"date": "2026-11-21", "count": 1, "rank": 1},
        {"date": "2026-11-20", "count": 0, "rank": None},
    ]
    assert len(told["daily_breakdown"]) == 7


def test_a_month_is_told_unless_another_period_is_asked_for(api):
    told = data(api.get(f"{BASE}/stats/FR"))

    assert (told["period"], len(told["daily_breakdown"])) == ("30d", 30)
    assert told["statistics"]["growth_rate"] is None


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("stats/ZZ", "INVALID_COUNTRY_CODE"),
        ("stats/JPN", "INVALID_COUNTRY_CODE"),
        ("stats/JP?period=1y", "INVALID_PERIOD"),
        ("stats/JP?country=US", "INVALID_PARAMETER"),
    ],
)
def test_statistics_of_what_is_not_there_are_refused(api, path, code):
    assert error(api.get(f"{BASE}/{path}"))["code"] == code
