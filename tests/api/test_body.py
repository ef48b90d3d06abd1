"""config.api.body: what a request's body may be, whatever is sent instead."""

import json

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ranking.models import DailyCount, Selection

UPDATE = "/api/v1/rankings/update"
SELECTIONS = "/api/v1/rankings/selections"
AS_JSON = {"Content-Type": "application/json", "Accept-Language": "en"}


@pytest.fixture(autouse=True)
def _limits_aside(settings):
    settings.REQUEST_LIMITS = dict.fromkeys(settings.REQUEST_LIMITS, 1_000_000)


def nested(depth):
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    "content",
    [
        b"null",
        b"1",
        b"[{}]",
        b"{} {}",
        b'{"countries": ["JP"],}',
        b"{'countries': ['JP']}",
        b'{"countries": ["JP"], "period": Infinity}',
        b'{"countries": ["JP"], "period": 1e999}',
        b'{"countries": ["JP"], "period": "\\udc00"}',
        b'{"countries": ["JP"], "period": "\x01"}',
        b'\xef\xbb\xbf{"countries": ["JP"]}',
        '{"countries": ["JP"]}'.encode("utf-16"),
        b"\x00",
    ],
)
def test_what_is_no_object_of_json_in_utf_8_is_malformed(api, content):
    answer = api.post(UPDATE, content=content, headers=AS_JSON)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MALFORMED_REQUEST")
    assert answer.json()["error"]["details"] == {"expected": "a JSON object"}


@pytest.mark.parametrize(
    "content",
    [
        b'{"countries": ["JP"], "countries": ["US"]}',
        b'{"countries": ["JP"], "period": {"a": 1, "a": 2}}',
        b'{"countries": ["JP"], "countr\\u0069es": ["US"]}',
    ],
)
def test_a_name_that_is_given_twice_is_malformed(api, content):
    assert api.post(UPDATE, content=content, headers=AS_JSON).status_code == 400


def test_no_depth_of_nesting_is_a_crash(api):
    told = {
        api.post(
            UPDATE, content=b'{"countries": ["JP"], "period": %s}' % nested(depth), headers=AS_JSON
        ).status_code
        for depth in range(700, 1040, 5)
    }

    assert told == {200, 400}


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_a_body_that_does_not_say_it_is_json_is_not_read(api, content_type):
    answer = api.post(UPDATE, content=b'{"countries": ["JP"]}', headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert not Selection.objects.exists()


def test_an_unknown_field_is_named_with_those_there_are_and_its_value_is_not_repeated(api):
    body = {"user_id": "u1", "country_code": "JP", "sesion_id": "s-123"}

    details = api.post(SELECTIONS, json=body, headers=AS_JSON).json()["error"]["details"]

    assert details == {
        "parameter": "sesion_id",
        "provided": None,
        "expected": "one of: user_id, country_code, session_id, referrer",
    }


def test_long_values_are_not_repeated_at_length(api):
    body = {"user_id": "u1", "country_code": "J" * 60_000}

    answer = api.post(SELECTIONS, json=body, headers=AS_JSON)

    assert answer.json()["error"]["details"]["provided"] == "J" * 200
    assert len(answer.content) < 2_000


def test_characters_are_counted_not_bytes(api):
    body = {"user_id": "여" * 100, "country_code": "JP"}

    assert api.post(SELECTIONS, json=body).status_code == 201


PIECES = st.sampled_from(
    [
        b'{"',
        b'"}',
        b"countries",
        b'": ["',
        b"JP",
        b'", "',
        b'"]',
        b"user_id",
        b'": ',
        b"null",
        b"{",
        b"}",
        b"1e5",
    ]
)


@examples(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=60)
    | st.lists(PIECES | st.binary(max_size=4), max_size=14).map(b"".join)
    | st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=3).map(
        lambda d: json.dumps(d).encode()
    )
)
def test_no_bytes_whatever_are_a_crash_or_stored_without_being_acknowledged(api, content):
    stored = Selection.objects.count()

    answer = api.post(UPDATE, content=content, headers=AS_JSON)

    assert answer.status_code in {200, 400}, answer.text
    acknowledged = answer.json()["data"]["count"] if answer.status_code == 200 else 0
    assert Selection.objects.count() == stored + acknowledged
    assert sum(DailyCount.objects.values_list("selections", flat=True)) == stored + acknowledged
