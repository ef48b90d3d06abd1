"""config.api.gate: what every API request meets, whoever answers it."""

import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone

from config.api.answers import AnswerStore
from config.api.gate import Gate
from config.api.models import ApiKey
from config.api.throttling import RequestCounter
from config.cache import generation

LATEST = "/api/v1/currencies/latest"
SELECTIONS, UPDATE = "/api/v1/rankings/selections", "/api/v1/rankings/update"
A_SELECTION = {"user_id": "u1", "country_code": "JP"}
A_REQUEST: dict[str, Any] = {
    "REQUEST_METHOD": "GET",
    "PATH_INFO": "/api/v1/x",
    "HTTP_HOST": "testserver",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.url_scheme": "http",
}


def _no_database(*_: Any) -> Any:
    raise OperationalError("gone")


def test_a_success_is_told_in_the_envelope(api):
    answer = api.get(LATEST)

    body = answer.json()
    assert answer.status_code == 200
    assert list(body) == ["success", "data", "timestamp", "version"]
    assert (body["success"], body["version"]) == (True, "v1")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", body["timestamp"])


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "NOT_FOUND"),
        ("GET", "/api/", 404, "NOT_FOUND"),
        ("GET", "/api", 404, "NOT_FOUND"),
        ("POST", LATEST, 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/health", 405, "METHOD_NOT_ALLOWED"),
        ("GET", LATEST + "?symbol=USD", 400, "INVALID_PARAMETER"),
        ("GET", LATEST + "?base=KRW&base=USD", 400, "INVALID_PARAMETER"),
    ],
)
def test_a_failure_is_told_in_the_envelope_and_never_kept(api, method, path, status, code):
    answer = api.request(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["success"] is False
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_refusal_of_an_unknown_parameter_names_it_and_what_is_accepted(api):
    answer = api.get(LATEST + "?symbol=USD", headers={"Accept-Language": "en"})
    details = answer.json()["error"]["details"]

    assert details == {
        "parameter": "symbol",
        "provided": "USD",
        "expected": "one of: symbols, base, details, max_age_days, strict",
    }


def test_messages_are_korean_and_on_request_english(api):
    korean = api.get("/api/v1/nothing").json()["error"]["message"]
    english = api.get("/api/v1/nothing", headers={"Accept-Language": "en"}).json()["error"]["message"]

    assert korean.startswith("이 주소에는")
    assert english.startswith("There is nothing")


def test_an_answer_other_than_json_is_not_to_be_had(api):
    answer = api.get(LATEST, headers={"Accept": "application/xml"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (406, "NOT_ACCEPTABLE")


def test_a_page_whose_address_only_begins_alike_is_no_answer_of_the_api(api):
    assert api.get("/apiary").headers["Content-Type"].startswith("text/html")


def test_the_front_door_is_a_page_that_leads_to_the_documentation(api):
    answer = api.get("/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert 'href="/api/docs"' in answer.text


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/version"])
def test_probes_answer_in_the_envelope_without_being_counted(api, path):
    answer = api.get(path)

    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert "X-RateLimit-Limit" not in answer.headers


# --- correlation ------------------------------------------------------------------------------


def test_a_sane_correlation_id_comes_back_and_others_are_replaced(api):
    kept = api.get(LATEST, headers={"X-Correlation-ID": "trip-42"}).headers["X-Correlation-ID"]
    replaced = api.get(LATEST, headers={"X-Correlation-ID": "a b<script>"}).headers["X-Correlation-ID"]

    assert kept == "trip-42"
    assert re.fullmatch(r"[0-9a-f]{32}", replaced)


def test_every_request_without_one_gets_its_own_correlation_id(api):
    first, second = (api.get(LATEST).headers["X-Correlation-ID"] for _ in range(2))

    assert first != second


# --- browsers ---------------------------------------------------------------------------------


def test_a_preflight_allows_what_browsers_in_the_field_send(api):
    answer = api.options(
        LATEST, headers={"Origin": "https://x.example", "Access-Control-Request-Method": "GET"}
    )

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Content-Type", "Authorization", "X-Correlation-ID", "Idempotency-Key"} == set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert "X-RateLimit-Limit" not in answer.headers


def test_a_get_with_a_json_content_type_is_a_plain_get(api):
    assert api.get(LATEST, headers={"Content-Type": "application/json"}).status_code == 200


def test_scripts_of_other_origins_may_read_limits_and_correlation(api):
    exposed = api.get(LATEST).headers["Access-Control-Expose-Headers"].split(", ")

    assert {"X-RateLimit-Remaining", "X-Correlation-ID", "Retry-After"} <= set(exposed)


def test_answers_cannot_be_framed_sniffed_or_run(api):
    headers = api.get(LATEST).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


# --- conditional requests ---------------------------------------------------------------------


def test_an_answer_that_has_not_changed_is_not_sent_again(api):
    etag = api.get(LATEST).headers["ETag"]

    again = api.get(LATEST, headers={"If-None-Match": f'"other", {etag}'})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"] == "public, max-age=60"
    assert "X-RateLimit-Remaining" in again.headers


def test_the_etag_is_of_the_data_not_of_the_telling(api, application):
    fresh = api.get(LATEST)
    stored = api.get(LATEST)

    assert fresh.json()["data"]["source"] == "database"
    assert stored.json()["data"]["source"] == "memory_cache"
    assert fresh.headers["ETag"] == stored.headers["ETag"]


def test_head_is_get_without_a_body(api):
    head, get = api.head(LATEST), api.get(LATEST)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert int(head.headers["Content-Length"]) > 0


def test_languages_are_kept_apart(api):
    korean = api.get("/api/v1/currencies").json()["data"]["currencies"][0]["currency_name"]
    english = api.get("/api/v1/currencies", headers={"Accept-Language": "en-GB,en;q=0.9"})

    assert korean == "대한민국 원"
    assert english.json()["data"]["currencies"][0]["currency_name"] == "South Korean Won"
    assert english.headers["Vary"] == "Accept-Language"


# --- stored answers ---------------------------------------------------------------------------


def test_a_warm_answer_asks_the_database_nothing(api, django_assert_num_queries):
    api.get(LATEST)

    with django_assert_num_queries(0):
        warm = api.get(LATEST)

    assert (warm.json()["data"]["source"], warm.json()["data"]["cache_hit"]) == ("memory_cache", True)


@pytest.mark.parametrize("path", [LATEST, "/api/v1/currencies", LATEST + "?symbols=USD&details=true"])
def test_a_cold_answer_asks_the_database_at_most_three_times(api, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        api.get(path)


def test_the_same_question_in_other_words_is_the_same_stored_answer(api):
    api.get(LATEST + "?symbols=USD&base=KRW")

    again = api.get(LATEST + "?base=KRW&&&symbols=USD")

    assert again.json()["data"]["cache_hit"] is True


def test_an_encoded_separator_is_part_of_a_value_and_so_another_question(api):
    api.get(LATEST + "?symbols=USD&base=KRW")

    assert api.get(LATEST + "?symbols=USD%26base%3DKRW").status_code == 400


def test_ingestion_makes_stored_answers_old_at_once_in_its_own_process(api):
    api.get(LATEST)

    generation.move_on()

    assert api.get(LATEST).json()["data"]["source"] == "database"


def test_another_process_finds_the_answer_in_the_shared_cache(api, settings):
    if not settings.CACHE_IS_SHARED:
        pytest.skip("process memory is not shared; the MariaDB and Redis run shows this")
    from config.wsgi import _django

    api.get(LATEST)
    told: list[Any] = []
    environ = {**A_REQUEST, "PATH_INFO": LATEST, "wsgi.input": io.BytesIO()}

    [body] = Gate(_django)(environ, lambda status, headers: told.append(status))

    assert json.loads(body)["data"]["source"] == "redis_cache"


def test_one_miss_under_load_is_computed_once():
    calls = []
    started = threading.Barrier(8)

    def django(environ: Any, start_response: Any) -> list[bytes]:
        calls.append(1)
        threading.Event().wait(0.2)
        start_response(
            "200 OK", [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=60")]
        )
        return [b'{"success":true,"data":{},"timestamp":"2026-11-22T10:30:00Z","version":"v1"}']

    gate = Gate(django)

    def ask(_: int) -> bytes:
        started.wait()
        environ = dict(A_REQUEST)
        return b"".join(gate(environ, lambda status, headers: None))

    with ThreadPoolExecutor(8) as threads:
        bodies = list(threads.map(ask, range(8)))

    assert len(calls) == 1
    assert all(body.startswith(b'{"success":true') for body in bodies)


def test_an_old_answer_is_better_than_none_when_the_database_is_out():
    answers = iter(
        [
            (
                "200 OK",
                b'{"success":true,"data":{"won":1},"timestamp":"2026-11-22T10:30:00Z","version":"v1"}',
            ),
            ("503 Service Unavailable", b'{"success":false}'),
        ]
    )

    def django(environ: Any, start_response: Any) -> list[bytes]:
        status, body = next(answers)
        start_response(
            status, [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=60")]
        )
        return [body]

    gate = Gate(django)
    environ = dict(A_REQUEST)
    list(gate(dict(environ), lambda status, headers: None))
    generation.move_on()

    told: list[str] = []
    body = b"".join(gate(dict(environ), lambda status, headers: told.append(status)))

    assert told == ["200 OK"]
    assert json.loads(body)["data"] == {"won": 1}


def test_errors_are_not_stored():
    store = AnswerStore()

    assert store.current("/api/v1/x?|ko", 0.0) is None


def test_while_the_database_is_out_readers_of_one_answer_do_not_queue_for_it():
    asked = []

    def django(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(1)
        good = len(asked) == 1
        start_response(
            "200 OK" if good else "503 Service Unavailable",
            [("Content-Type", "application/json"), ("Cache-Control", "public, max-age=60")],
        )
        return [b'{"success":true,"data":{},"timestamp":"2026-11-22T10:30:00Z","version":"v1"}']

    gate = Gate(django)
    told: list[str] = []
    list(gate(dict(A_REQUEST), lambda status, headers: told.append(status)))
    generation.move_on()

    for _ in range(5):
        list(gate(dict(A_REQUEST), lambda status, headers: told.append(status)))

    assert told == ["200 OK"] * 6
    assert len(asked) == 2  # once for the answer, once to learn that the database is out


@pytest.mark.parametrize("kept", ["not an answer", [1, 2, 3], b"\xff\x00"])
def test_what_another_release_has_stored_is_a_miss_and_no_crash(api, settings, kept):
    if not settings.CACHE_IS_SHARED:
        pytest.skip("process memory is not shared; the MariaDB and Redis run shows this")
    api.get(LATEST)
    for key in cast(Any, cache).iter_keys("answer*"):
        cache.set(key, kept, 60)
    generation.move_on()

    assert api.get(LATEST).json()["data"]["source"] == "database"


def test_a_probe_asks_no_cache_and_may_come_under_any_host(api):
    assert api.get("/health/live", headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_a_foreign_host_is_refused_whether_the_answer_is_stored_or_not(api):
    api.get(LATEST)

    stored = api.get(LATEST, headers={"Host": "evil.example"})
    unstored = api.get(LATEST + "?symbols=USD", headers={"Host": "evil.example"})

    assert (stored.status_code, unstored.status_code) == (400, 400)


def test_plain_http_is_sent_to_https_whether_the_answer_is_stored_or_not(api, settings):
    api.get(LATEST)
    settings.SECURE_SSL_REDIRECT = True

    redirected = api.get(LATEST + "?base=KRW")

    assert (redirected.status_code, api.get(LATEST).status_code) == (301, 301)
    assert redirected.headers["Location"] == f"https://testserver{LATEST}?base=KRW"
    assert redirected.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/schema", 405),
        ("DELETE", "/api/docs", 405),
        ("GET", "/api/schema?x=1", 400),
        ("GET", LATEST + "?" + "&".join(f"p{n}=1" for n in range(1001)), 400),
    ],
)
def test_odd_requests_are_refused_with_their_own_status(api, method, path, status):
    assert api.request(method, path).status_code == status


@pytest.mark.parametrize("length", ["²", "abc", "9" * 5000, "-1"])
def test_a_length_that_is_no_number_is_a_malformed_request(length):
    told: list[str] = []
    gate = Gate(lambda environ, start_response: [])

    list(gate({**A_REQUEST, "CONTENT_LENGTH": length}, lambda status, headers: told.append(status)))

    assert told == ["400 Bad Request"]


# --- keys and limits --------------------------------------------------------------------------


def test_the_limit_headers_count_down_and_the_end_is_a_429_with_retry_after(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "anonymous": 2}

    first, second, third = (api.get(LATEST) for _ in range(3))

    assert [answer.headers["X-RateLimit-Remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Window"]) == ("2", "3600")
    assert (third.status_code, third.json()["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")
    assert 0 < int(third.headers["Retry-After"]) <= 3600


def test_a_key_raises_the_limit_to_its_tier(api):
    _, keyed = ApiKey.objects.create_key(name="app")
    _, premium = ApiKey.objects.create_key(name="shop", tier="premium")

    limits = [
        api.get(LATEST, headers={"Authorization": f"Bearer {key}"}).headers["X-RateLimit-Limit"]
        for key in (keyed, premium)
    ]

    assert limits == ["5000", "10000"]


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Bearer abcdefgh.0123456789", "Basic dXNlcjpw", "Bearer "]
)
def test_a_wrong_key_is_refused_and_never_silently_anonymous(api, authorization):
    answer = api.get(LATEST, headers={"Authorization": authorization})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "INVALID_API_KEY")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_an_expired_or_revoked_key_is_refused(api):
    _, expired = ApiKey.objects.create_key(name="old", expiry_date=timezone.now() - timedelta(days=1))
    _, revoked = ApiKey.objects.create_key(name="gone", revoked=True)

    statuses = [
        api.get(LATEST, headers={"Authorization": f"Bearer {key}"}).status_code for key in (expired, revoked)
    ]

    assert statuses == [401, 401]


def test_a_key_is_looked_up_once_in_half_a_minute(api, django_assert_num_queries):
    _, key = ApiKey.objects.create_key(name="app")
    api.get(LATEST, headers={"Authorization": f"Bearer {key}"})

    with django_assert_num_queries(0):
        api.get(LATEST, headers={"Authorization": f"Bearer {key}"})


def test_a_key_that_was_known_is_known_while_the_database_is_out(api, application):
    _, key = ApiKey.objects.create_key(name="app")
    headers = {"Authorization": f"Bearer {key}"}
    api.get(LATEST, headers=headers)
    application._door._keys._known.clear()  # as half a minute later

    with connection.execute_wrapper(_no_database):
        answer = api.get(LATEST, headers=headers)

    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (200, "5000")


def test_a_key_never_seen_is_told_what_is_stored_while_the_database_is_out(api):
    api.get(LATEST)
    headers = {"Authorization": "Bearer never.seen"}

    with connection.execute_wrapper(_no_database):
        stored = api.get(LATEST, headers=headers)
        unstored = api.get(LATEST + "?symbols=USD", headers=headers)

    assert (stored.status_code, unstored.status_code) == (200, 503)
    assert unstored.headers["X-RateLimit-Limit"] == "1000"


def test_guesses_without_end_do_not_reach_the_database(api, settings, django_assert_num_queries):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "anonymous": 2}
    for guess in range(3):
        api.get(LATEST, headers={"Authorization": f"Bearer guess.{guess}"})

    with django_assert_num_queries(0):
        answer = api.get(LATEST, headers={"Authorization": "Bearer guess.9"})

    assert answer.status_code == 429


def test_a_limit_that_was_raised_counts_at_once(application):
    counter = RequestCounter()
    now = 1_795_348_800.0
    refused = [counter.take("key:k", 2, now) for _ in range(3)][-1]

    raised = counter.take("key:k", 10, now)

    assert (refused.granted, raised.granted) == (False, True)


def test_guessing_keys_spends_the_guessers_own_limit(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "anonymous": 3}

    statuses = [api.get(LATEST, headers={"Authorization": f"Bearer guess.{n}"}).status_code for n in range(5)]

    assert statuses == [401, 401, 401, 429, 429]


# --- selections -------------------------------------------------------------------------------


def test_selections_are_counted_apart_from_reads_under_the_callers_address(api):
    api.post(SELECTIONS, json=A_SELECTION)
    api.post(UPDATE, json={"countries": ["JP"]})

    hour = int(timezone.now().timestamp()) // 3600
    assert cache.get(f"requests:selections:address:127.0.0.1:{hour}") == 2
    assert cache.get(f"requests:address:127.0.0.1:{hour}") is None


def test_a_refused_selection_and_a_retry_of_one_count_like_any_other(api):
    headers = {"Idempotency-Key": "k-1"}
    answers = [
        api.post(SELECTIONS, json=A_SELECTION, headers=headers),
        api.post(SELECTIONS, json=A_SELECTION, headers=headers),
        api.post(SELECTIONS, json={}),
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 400]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["99", "98", "97"]
    assert {answer.headers["X-RateLimit-Limit"] for answer in answers} == {"100"}


def test_the_hundred_and_first_selection_of_an_address_in_an_hour_is_refused(api):
    answers = [api.post(SELECTIONS, json={}) for _ in range(101)]

    assert {answer.status_code for answer in answers[:100]} == {400}
    assert answers[100].status_code == 429
    assert 0 < int(answers[100].headers["Retry-After"]) <= 3600
    assert api.get(LATEST).status_code == 200


def test_only_a_post_is_a_selection(api):
    assert api.get(SELECTIONS).headers["X-RateLimit-Limit"] == "1000"
    assert "X-RateLimit-Limit" not in api.options(SELECTIONS).headers


def test_a_wrong_key_selects_nothing_and_spends_no_selection(api):
    refused = api.post(SELECTIONS, json=A_SELECTION, headers={"Authorization": "Bearer wrong.key"})

    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "INVALID_API_KEY")
    assert api.post(SELECTIONS, json=A_SELECTION).headers["X-RateLimit-Remaining"] == "99"


def test_callers_behind_one_proxy_have_limits_of_their_own_and_cannot_invent_addresses(api, settings):
    settings.TRUSTED_PROXIES = 1
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 1}

    statuses = [
        api.post(SELECTIONS, json=A_SELECTION, headers={"X-Forwarded-For": forwarded}).status_code
        for forwarded in ("198.51.100.1", "192.0.2.9, 198.51.100.1", "198.51.100.2")
    ]

    assert statuses == [201, 429, 201]


def test_what_django_gets_names_the_caller_and_his_browser():
    got: dict[str, Any] = {}

    def django(environ: Any, start_response: Any) -> list[bytes]:
        got.update(environ)
        start_response("201 Created", [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
        return [b"{}"]

    environ = {
        **A_REQUEST,
        "REQUEST_METHOD": "POST",
        "REMOTE_ADDR": "2001:db8::1",
        "HTTP_USER_AGENT": "Trip/1",
    }
    list(Gate(django)(environ, lambda status, headers: None))

    assert (got["gate.address"], got["HTTP_USER_AGENT"]) == ("2001:db8::/64", "Trip/1")


def test_an_acknowledgement_is_never_kept(api):
    first, second = (api.post(SELECTIONS, json=A_SELECTION) for _ in range(2))

    assert first.headers["Cache-Control"] == "no-store"
    assert "ETag" not in first.headers
    assert first.json()["data"]["selection_id"] != second.json()["data"]["selection_id"]


def test_while_the_database_is_out_a_selection_is_refused_and_a_stored_ranking_still_told(api):
    api.get("/api/v1/rankings?period=daily")

    with connection.execute_wrapper(_no_database):
        answers = [
            api.post(path, json=body)
            for path, body in [(SELECTIONS, A_SELECTION), (UPDATE, {"countries": ["JP"]})]
        ]
        ranking = api.get("/api/v1/rankings?period=daily")

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (503, "DATABASE_UNAVAILABLE")
    ] * 2
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert ranking.status_code == 200
    assert api.get("/api/v1/rankings?period=daily").json()["data"]["total_selections"] == 0


def test_an_unknown_key_selects_nothing_while_the_database_is_out(api):
    with connection.execute_wrapper(_no_database):
        answer = api.post(SELECTIONS, json=A_SELECTION, headers={"Authorization": "Bearer never.seen"})

    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (503, "100")


# --- bodies -----------------------------------------------------------------------------------


def test_a_body_above_64_kib_is_refused_before_it_is_read(api):
    answer = api.post(LATEST, content=b"x" * 65537, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_body_in_chunks_is_refused_rather_than_taken_for_empty(api):
    answer = api.post(UPDATE, content=b"x", headers={"Transfer-Encoding": "chunked"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MALFORMED_REQUEST")
    assert answer.json()["error"]["details"] == {
        "parameter": "Transfer-Encoding",
        "expected": "Content-Length",
    }


def test_a_crash_in_a_view_tells_nothing_of_the_inside():
    def django(environ: Any, start_response: Any) -> list[bytes]:
        raise RuntimeError("password=hunter2")

    told: list[str] = []
    gate = Gate(django)
    environ = dict(A_REQUEST)

    body = b"".join(gate(environ, lambda status, headers: told.append(status)))

    assert told == ["500 Internal Server Error"]
    assert json.loads(body)["error"]["code"] == "INTERNAL_SERVER_ERROR"
    assert b"hunter2" not in body


def test_the_documentation_page_loads_nothing_from_elsewhere(api):
    page = api.get("/api/docs")

    assert page.headers["Content-Type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text
    for source in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert api.get(source).status_code == 200, source


def test_counters_live_in_the_cache_under_the_callers_address(api):
    api.get(LATEST)

    [count] = [cache.get(f"requests:address:127.0.0.1:{int(timezone.now().timestamp()) // 3600}")]
    assert count == 10
