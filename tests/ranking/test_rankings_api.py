"""The ranking endpoints as a client meets them, through the gate."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from config import celery
from config.api.models import ApiKey
from currency.models import Destination
from ranking.models import DailyCount, RankingResult, Selection
from ranking.stores import StoreUnavailable
from ranking.stores.sql import SqlStore

BASE = "/api/v1/rankings"
ENGLISH = {"Accept-Language": "en"}
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # in Seoul


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=True):
        yield


def select(api, country="JP", user="u1", **headers):
    body = {"user_id": user, "country_code": country}
    return api.post(f"{BASE}/selections", json=body, headers={**ENGLISH, **headers})


def data(response, status=200):
    assert response.status_code == status, response.text
    return response.json()["data"]


def error(response, status=400):
    assert response.status_code == status, response.text
    assert response.headers["Cache-Control"] == "no-store"
    return response.json()["error"]


# --- recording -----------------------------------------------------------------------------------


def test_a_selection_is_acknowledged_with_its_id_once_it_is_stored(api):
    told = data(select(api), 201)

    assert told == {"selection_id": Selection.objects.get().pk, "message": "The selection is recorded."}


def test_messages_are_korean_unless_english_is_asked_for(api):
    response = api.post(f"{BASE}/selections", json={"user_id": "u1", "country_code": "jp"})

    assert data(response, 201)["message"] == "선택을 기록했습니다."


def test_a_retry_under_its_key_gets_the_first_answer_and_counts_once(api):
    first = data(select(api, **{"Idempotency-Key": "k-1"}), 201)
    again = data(select(api, **{"Idempotency-Key": "k-1"}), 201)

    assert again == first
    assert Selection.objects.count() == 1


def test_a_key_sent_with_another_request_is_refused(api):
    select(api, **{"Idempotency-Key": "k-1"})

    told = error(select(api, country="US", **{"Idempotency-Key": "k-1"}))

    assert (told["code"], told["details"]["parameter"]) == ("INVALID_PARAMETER", "Idempotency-Key")
    assert told["details"]["expected"] == "a new key for another request"


def test_a_page_of_several_countries_is_one_selection_each(api):
    body = {"countries": ["jp", "US", "JP"], "user_id": "u1", "period": "weekly"}

    told = data(api.post(f"{BASE}/update", json=body))

    assert told == {"updated_countries": ["JP", "US"], "count": 2, "period": "weekly", "source": "database"}
    assert sorted(Selection.objects.values_list("country_code", flat=True)) == ["JP", "US"]


@pytest.mark.parametrize("period", [None, 5, "", "yearly", ["x"]])
def test_whatever_an_old_client_says_of_a_period_is_accepted(api, period):
    body = {"countries": ["JP"], "period": period}

    assert data(api.post(f"{BASE}/update", json=body))["count"] == 1


def test_without_a_user_the_visitor_is_the_address_and_the_agent(api):
    for agent in ("A", "A", "B"):
        api.post(f"{BASE}/update", json={"countries": ["JP"]}, headers={"User-Agent": agent})

    assert sum(DailyCount.objects.values_list("visitors", flat=True)) == 2


@pytest.mark.parametrize(
    ("body", "code", "parameter"),
    [
        ({}, "MISSING_PARAMETER", "user_id"),
        ({"user_id": "u1"}, "MISSING_PARAMETER", "country_code"),
        ({"user_id": "", "country_code": "JP"}, "MISSING_PARAMETER", "user_id"),
        ({"user_id": "  ", "country_code": "JP"}, "INVALID_PARAMETER", "user_id"),
        ({"user_id": "u" * 101, "country_code": "JP"}, "INVALID_PARAMETER", "user_id"),
        ({"user_id": 7, "country_code": "JP"}, "INVALID_PARAMETER", "user_id"),
        ({"user_id": None, "country_code": "JP"}, "INVALID_PARAMETER", "user_id"),
        ({"user_id": ["u1"], "country_code": "JP"}, "INVALID_PARAMETER", "user_id"),
        ({"user_id": "u\x00", "country_code": "JP"}, "INVALID_PARAMETER", "user_id"),
        ({"user_id": "u1", "country_code": "ZZ"}, "INVALID_COUNTRY_CODE", "country_code"),
        ({"user_id": "u1", "country_code": "JPN"}, "INVALID_COUNTRY_CODE", "country_code"),
        ({"user_id": "u1", "country_code": 82}, "INVALID_COUNTRY_CODE", "country_code"),
        ({"user_id": "u1", "country_code": "KP"}, "INVALID_COUNTRY_CODE", "country_code"),
        ({"user_id": "u1", "country_code": "JP", "session_id": "s" * 101}, "INVALID_PARAMETER", "session_id"),
        ({"user_id": "u1", "country_code": "JP", "referrer": "r" * 501}, "INVALID_PARAMETER", "referrer"),
        ({"user_id": "u1", "country_code": "JP", "county": "x"}, "INVALID_PARAMETER", "county"),
    ],
)
def test_a_selection_that_is_wrong_is_refused_by_name_and_stores_nothing(api, body, code, parameter):
    told = error(api.post(f"{BASE}/selections", json=body, headers=ENGLISH))

    assert (told["code"], told["details"]["parameter"]) == (code, parameter)
    assert told["details"]["expected"]
    assert not Selection.objects.exists()


@pytest.mark.parametrize(
    ("body", "code", "parameter"),
    [
        ({}, "MISSING_PARAMETER", "countries"),
        ({"countries": []}, "INVALID_PARAMETER", "countries"),
        ({"countries": "JP"}, "INVALID_PARAMETER", "countries"),
        ({"countries": {"JP": 1}}, "INVALID_PARAMETER", "countries"),
        ({"countries": ["JP"] * 21}, "INVALID_PARAMETER", "countries"),
        ({"countries": ["JP", "ZZ"]}, "INVALID_COUNTRY_CODE", "countries"),
        ({"countries": ["JP", "KP"]}, "INVALID_COUNTRY_CODE", "countries"),
        ({"countries": ["JP", ""]}, "INVALID_COUNTRY_CODE", "countries"),
        ({"countries": ["JP"], "user_id": "\t"}, "INVALID_PARAMETER", "user_id"),
        ({"countries": ["JP", None]}, "INVALID_COUNTRY_CODE", "countries"),
        ({"countries": ["JP", ["US"]]}, "INVALID_COUNTRY_CODE", "countries"),
        ({"countries": ["JP"], "user_id": ""}, "MISSING_PARAMETER", "user_id"),
    ],
)
def test_an_update_that_is_wrong_in_one_country_stores_none(api, body, code, parameter):
    told = error(api.post(f"{BASE}/update", json=body, headers=ENGLISH))

    assert (told["code"], told["details"]["parameter"]) == (code, parameter)
    assert not Selection.objects.exists()


def test_a_country_that_was_deactivated_can_be_chosen_no_more_and_leaves_the_ranking(api):
    select(api, "JP")
    select(api, "TH")
    japan = Destination.objects.get(country_code="JP")
    japan.is_active = False
    japan.save(update_fields=["is_active"])

    refused = error(select(api, "JP", "u2"))
    select(api, "TH", "u2")

    assert refused["code"] == "INVALID_COUNTRY_CODE"
    assert refused["details"]["expected"] == "a destination's ISO 3166-1 alpha-2 code such as JP"
    assert [place["country_code"] for place in data(api.get(f"{BASE}?period=daily"))["ranking"]] == ["TH"]
    assert data(api.get(f"{BASE}/stats/JP?period=7d"))["statistics"]["total_selections"] == 1


def test_what_is_wrong_is_said_in_korean_unless_english_is_asked_for(api):
    body = {"user_id": " ", "country_code": "JP"}

    korean = error(api.post(f"{BASE}/selections", json=body))
    english = error(api.post(f"{BASE}/selections", json=body, headers=ENGLISH))

    assert korean["details"]["expected"] == "빈칸만이 아닌 1자에서 100자까지"
    assert english["details"]["expected"] == "1 to 100 characters, not blank"


def test_who_chose_is_never_repeated_in_an_error(api):
    body = {"user_id": "kim@example.kr" * 10, "country_code": "JP", "session_id": "s-123\x01"}

    assert "kim" not in api.post(f"{BASE}/selections", json=body).text
    body["user_id"] = "kim"
    assert "s-123" not in api.post(f"{BASE}/selections", json=body).text


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "k\x7f"])
def test_a_key_that_is_no_key_is_refused(api, key):
    told = error(select(api, **{"Idempotency-Key": key}))

    assert told["details"]["parameter"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"", "application/json", 400, "MISSING_PARAMETER"),
        (b"{", "application/json", 400, "MALFORMED_REQUEST"),
        (b"[]", "application/json", 400, "MALFORMED_REQUEST"),
        (b'"JP"', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"user_id": NaN}', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"user_id": "\\ud800"}', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"user_id": "\xff"}', "application/json", 400, "MALFORMED_REQUEST"),
        (b"[" * 30_000, "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "application/json", 400, "MALFORMED_REQUEST"),
        (b"x" * 65_537, "application/json", 413, "PAYLOAD_TOO_LARGE"),
        (b"user_id=u1&country_code=JP", "application/x-www-form-urlencoded", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"user_id": "u1", "country_code": "JP"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(api, content, content_type, status, code):
    response = api.post(f"{BASE}/selections", content=content, headers={"Content-Type": content_type})

    assert error(response, status)["code"] == code


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["user_id", "country_code", "session_id", "referrer", "countries", "period", "x"])


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(FIELDS, JSON, max_size=5), place=st.sampled_from(["selections", "update"]))
def test_no_body_whatever_crashes_or_is_stored_in_part(api, body, place):
    before = Selection.objects.count()

    response = api.post(f"{BASE}/{place}", json=body)

    assert response.status_code in {200, 201, 400, 429}
    if response.status_code >= 400:
        assert Selection.objects.count() == before


def test_a_parameter_nobody_knows_is_refused_on_a_post_too(api):
    body = {"user_id": "u1", "country_code": "JP"}

    assert error(api.post(f"{BASE}/selections?debug=1", json=body))["details"]["parameter"] == "debug"


def test_reading_what_can_only_be_written_is_not_allowed(api):
    response = api.get(f"{BASE}/selections")

    assert error(response, 405)["code"] == "METHOD_NOT_ALLOWED"
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_a_store_that_is_down_acknowledges_nothing(api, monkeypatch):
    def out(*_, **__):
        raise StoreUnavailable("OperationalError")

    monkeypatch.setattr(SqlStore, "add", out)

    assert error(select(api), 503)["code"] == "DATABASE_UNAVAILABLE"


def test_a_ranking_that_cannot_be_computed_does_not_fail_the_selection(api, monkeypatch):
    def out(*_, **__):
        raise StoreUnavailable("OperationalError")

    monkeypatch.setattr(SqlStore, "documents", out)

    assert select(api).status_code == 201


# --- limits --------------------------------------------------------------------------------------


def test_selections_have_a_limit_of_their_own_for_each_address(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 3}

    told = [select(api, user=f"u{number}") for number in range(4)]

    assert [response.status_code for response in told] == [201, 201, 201, 429]
    assert [response.headers["X-RateLimit-Remaining"] for response in told] == ["2", "1", "0", "0"]
    assert told[3].headers["X-RateLimit-Limit"] == "3"
    assert int(told[3].headers["Retry-After"]) > 0
    assert Selection.objects.count() == 3


def test_both_ways_to_select_share_the_limit_and_reading_has_its_own(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 2}
    select(api)
    api.post(f"{BASE}/update", json={"countries": ["JP"]})

    assert select(api).status_code == 429
    read = api.get(f"{BASE}?period=daily")
    assert (read.status_code, read.headers["X-RateLimit-Limit"]) == (200, "1000")


def test_a_key_has_its_own_limit_for_selections(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 1}
    _, key = ApiKey.objects.create_key(name="app")
    select(api)

    response = select(api, user="u2", Authorization=f"Bearer {key}")

    assert (response.status_code, response.headers["X-RateLimit-Limit"]) == (201, "5000")


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


def test_the_last_ranking_is_told_while_the_store_is_down(api, monkeypatch):
    select(api)
    api.get(f"{BASE}?period=daily")

    def out(*_, **__):
        raise StoreUnavailable("OperationalError")

    monkeypatch.setattr(SqlStore, "documents", out)
    monkeypatch.setattr(SqlStore, "counts", out)
    with time_machine.travel(NOON + timedelta(minutes=10)):
        from config.cache import generation

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


# --- operators -----------------------------------------------------------------------------------


@pytest.fixture
def operator(db):
    _, key = ApiKey.objects.create_key(name="operator", may_operate=True)
    return {"Authorization": f"Bearer {key}", **ENGLISH}


def test_an_operator_has_a_ranking_computed_and_can_tell_it_by_its_id(api, operator):
    told = data(api.post(f"{BASE}/calculate?period=weekly", headers=operator), 202)

    assert told["period"] == "weekly"
    assert RankingResult.objects.get(period="weekly").body["calculation_id"] == told["calculation_id"]


def test_strangers_compute_nothing(api):
    response = api.post(f"{BASE}/calculate?period=daily")

    assert error(response, 401)["code"] == "AUTHENTICATION_REQUIRED"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_that_may_not_operate_computes_nothing(api):
    _, key = ApiKey.objects.create_key(name="app")

    response = api.post(f"{BASE}/calculate?period=daily", headers={"Authorization": f"Bearer {key}"})

    assert error(response, 403)["code"] == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("staff", "with_token", "status"), [(True, True, 202), (True, False, 403), (False, True, 403)]
)
def test_a_staff_session_needs_its_csrf_token(api, staff, with_token, status):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_user("kim", is_staff=staff))
    browser.get("/admin/")
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    headers = {"X-CSRFToken": cookies.get("csrftoken", "")} if with_token else {}

    response = httpx.Client(transport=api._transport, base_url="http://testserver", cookies=cookies).post(
        f"{BASE}/calculate?period=daily", headers=headers
    )

    assert response.status_code == status, response.text


def test_the_key_counts_where_there_is_a_session_too(api, operator):
    browser = Client()
    browser.force_login(User.objects.create_user("kim", is_staff=True))
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}

    with httpx.Client(transport=api._transport, base_url="http://testserver", cookies=cookies) as client:
        response = client.post(f"{BASE}/calculate?period=daily", headers=operator)

    assert response.status_code == 202


@pytest.mark.parametrize(("query", "code"), [("", "MISSING_PARAMETER"), ("?period=hourly", "INVALID_PERIOD")])
def test_an_operator_who_asks_for_no_period_is_told_which_there_are(api, operator, query, code):
    told = error(api.post(f"{BASE}/calculate{query}", headers=operator))

    assert told["code"] == code
    assert told["details"]["expected"] == "one of: daily, weekly, monthly"


def test_an_operator_is_told_when_the_queue_takes_nothing(api, operator, settings, monkeypatch):
    settings.CELERY_BROKER_URL = "sqs://"
    settings.CELERY_TASK_ALWAYS_EAGER = False

    def out(*_, **__):
        raise ConnectionRefusedError

    monkeypatch.setattr(celery.app, "send_task", out)

    told = error(api.post(f"{BASE}/calculate?period=daily", headers=operator), 503)

    assert told["code"] == "EXTERNAL_API_ERROR"


def test_an_empty_object_is_no_hindrance_to_an_operator(api, operator):
    content = json.dumps({}).encode()

    response = api.post(f"{BASE}/calculate?period=daily", content=content, headers=operator)

    assert response.status_code == 202
