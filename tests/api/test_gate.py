"""config.api.gate: what every API request meets, whoever answers it."""

import io
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from config.api.answers import AnswerStore
from config.api.gate import Gate
from config.api.models import ApiKey
from config.cache import generation

LATEST = "/api/v1/currencies/latest"


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
    details = api.get(LATEST + "?symbol=USD").json()["error"]["details"]

    assert details == {"parameter": "symbol", "provided": "USD", "expected": "one of: symbols, base, details"}


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


def test_the_front_door_leads_to_the_documentation(api):
    answer = api.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/api/docs")


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
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": LATEST,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.input": io.BytesIO(),
    }

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
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/x", "REMOTE_ADDR": "127.0.0.1"}
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
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/x", "REMOTE_ADDR": "127.0.0.1"}
    list(gate(dict(environ), lambda status, headers: None))
    generation.move_on()

    told: list[str] = []
    body = b"".join(gate(dict(environ), lambda status, headers: told.append(status)))

    assert told == ["200 OK"]
    assert json.loads(body)["data"] == {"won": 1}


def test_errors_are_not_stored():
    store = AnswerStore()

    assert store.current("/api/v1/x?|ko", 0.0) is None


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


def test_guessing_keys_spends_the_guessers_own_limit(api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "anonymous": 3}

    statuses = [api.get(LATEST, headers={"Authorization": f"Bearer guess.{n}"}).status_code for n in range(5)]

    assert statuses == [401, 401, 401, 429, 429]


# --- bodies -----------------------------------------------------------------------------------


def test_a_body_above_64_kib_is_refused_before_it_is_read(api):
    answer = api.post(LATEST, content=b"x" * 65537, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


def test_a_crash_in_a_view_tells_nothing_of_the_inside():
    def django(environ: Any, start_response: Any) -> list[bytes]:
        raise RuntimeError("password=hunter2")

    told: list[str] = []
    gate = Gate(django)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/x", "REMOTE_ADDR": "127.0.0.1"}

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
