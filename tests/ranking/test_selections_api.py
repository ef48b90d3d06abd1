"""Recording selections as a client does, through the gate: right, wrong, again, too often."""

import httpx
import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from config.api.models import ApiKey
from currency.models import Destination
from ranking.models import DailyCount, Selection
from ranking.stores import StoreUnavailable
from ranking.stores.sql import SqlStore
from tests.conftest import InOneTransaction
from tests.ranking.asking import BASE, ENGLISH, NOON, data, error, select
from tests.ranking.outage import database_out


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=True):
        yield


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

    assert korean["details"]["expected"] == "1~100자, 공백만으로는 안 됨"
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


def test_a_store_that_is_down_acknowledges_nothing_and_works_again_when_it_is_back(transactional_db, api):
    select(api)

    with database_out():
        refused = select(api, user="u2")

    assert error(refused, 503)["code"] == "DATABASE_UNAVAILABLE"
    assert Selection.objects.count() == 1
    assert select(api, user="u2").status_code == 201


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


def test_a_method_in_lower_case_is_the_same_method_with_the_same_limit(application, db, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 1}

    def lower(environ, start_response):
        return application({**environ, "REQUEST_METHOD": environ["REQUEST_METHOD"].lower()}, start_response)

    with httpx.Client(transport=InOneTransaction(app=lower), base_url="http://testserver") as client:
        told = [select(client, user=f"u{number}") for number in range(2)]

    assert [response.status_code for response in told] == [201, 429]
    assert told[0].headers["X-RateLimit-Limit"] == "1"


def test_a_page_of_several_countries_counts_as_so_many_selections(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 6}

    first = api.post(f"{BASE}/update", json={"countries": ["JP", "US", "TH", "VN"]})
    too_many = api.post(f"{BASE}/update", json={"countries": ["JP", "US", "TH"]})
    one = select(api)

    assert (first.status_code, first.headers["X-RateLimit-Remaining"]) == (200, "2")
    assert error(too_many, 429)["code"] == "RATE_LIMIT_EXCEEDED"
    assert int(too_many.headers["Retry-After"]) > 0
    assert one.status_code == 201  # the refused page has cost its one request, and nothing more
    assert Selection.objects.count() == 5


def test_a_key_has_its_own_limit_for_selections(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 1}
    _, key = ApiKey.objects.create_key(name="app")
    select(api)

    response = select(api, user="u2", Authorization=f"Bearer {key}")

    assert (response.status_code, response.headers["X-RateLimit-Limit"]) == (201, "5000")
