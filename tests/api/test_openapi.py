"""The OpenAPI document: valid, complete, and kept by every answer that schemathesis provokes."""

import itertools
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from openapi_spec_validator import OpenAPIV31SpecValidator
from rest_framework import serializers

from config.api.documentation import document
from config.api.models import ApiKey
from tests.factories import FRIDAY, cover, make_price

#: Whole requests an address, of right ones and of wrong ones. Another database answers in the same shapes.
EXAMPLES = 20 if django_settings.TEST_STACK == "embedded" else 8


@pytest.fixture
def described(application: Any, db: None, settings: Any) -> Any:
    import schemathesis  # a second, which the other test processes need not spend

    # So that answers with data are held against the document as well.
    for code, close in (("USD", "1335.27"), ("JPY", "8.49")):
        cover(date(2026, 6, 1), FRIDAY, code=code, close=close)
    for country, price, currency in (("KR", "5500", "KRW"), ("JP", "480", "JPY"), ("US", "6.12", "USD")):
        make_price(country, price, currency)
    settings.REQUEST_LIMITS = dict.fromkeys(settings.REQUEST_LIMITS, 100_000)
    closing = (signals.request_started, signals.request_finished)
    for signal in closing:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema", app=application)
    for signal in closing:
        signal.connect(close_old_connections)


def test_the_document_is_valid_openapi_3_1():
    assert document()["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document()).validate()


def test_every_address_of_the_contract_is_described():
    described = set(document()["paths"])

    assert {
        "/api/v1/currencies",
        "/api/v1/currencies/latest",
        "/api/v1/currencies/{code}",
        "/api/v1/currencies/convert",
        "/api/v1/currencies/price-index",
        "/api/v1/currencies/price-index/ranking",
        "/api/v1/currencies/quote",
        "/api/v1/price-index",
        "/api/v1/history",
        "/api/v1/history/compare",
        "/api/v1/history/forecast/{code}",
        "/api/v1/history/stats",
        "/api/v1/rankings",
        "/api/v1/rankings/selections",
        "/api/v1/rankings/update",
        "/api/v1/rankings/stats/{country}",
        "/api/v1/rankings/calculate",
        "/health",
        "/health/live",
        "/health/ready",
        "/version",
    } <= described


def test_every_answer_is_described_inside_its_envelope_errors_included():
    answers = [
        (status, answer["content"]["application/json"]["schema"])
        for path in document()["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
    ]

    assert len(answers) > 30
    for status, schema in answers:
        told = "error" if schema["properties"]["success"] == {"const": False} else "data"
        assert schema["required"] == ["success", told, "timestamp", "version"], status


def test_every_limited_address_documents_its_limits_and_its_429():
    limited = [
        operation
        for name, path in document()["paths"].items()
        for operation in path.values()
        if name.startswith("/api/")
    ]

    assert len(limited) >= 10
    for operation in limited:
        success = min(operation["responses"])
        assert "429" in operation["responses"]
        assert "X-RateLimit-Remaining" in operation["responses"][success]["headers"]


def test_no_two_shapes_share_a_name_and_so_a_place_in_the_document():
    document()  # imports every view
    shapes = [
        shape.__name__
        for shape in _below(serializers.Serializer)
        if not shape.__module__.startswith(("rest_framework", "drf_spectacular", "tests"))
    ]

    assert len(shapes) > 40
    assert [name for name, count in Counter(shapes).items() if count > 1] == []


def _below(shape: type[Any]) -> Iterator[type[Any]]:
    for each in shape.__subclasses__():
        yield each
        yield from _below(each)


def test_what_writes_documents_its_body_its_key_and_what_can_be_wrong_with_them():
    operation = document()["paths"]["/api/v1/rankings/selections"]["post"]

    assert operation["requestBody"]["required"] is True
    assert list(operation["requestBody"]["content"]) == ["application/json"]
    assert document()["components"]["schemas"]["SelectionBodyRequest"]["additionalProperties"] is False
    assert [parameter["name"] for parameter in operation["parameters"]] == ["Idempotency-Key"]
    assert set(operation["responses"]) == {"201", "400", "401", "406", "413", "415", "429", "500", "503"}


def test_what_operators_alone_may_do_documents_its_refusals():
    operation = document()["paths"]["/api/v1/rankings/calculate"]["post"]

    assert {"202", "401", "403"} <= set(operation["responses"])
    assert operation["security"] == [{"apiKey": []}, {"session": []}]


def test_descriptions_of_two_addresses_never_share_an_operation_id():
    names = [operation["operationId"] for path in document()["paths"].values() for operation in path.values()]

    assert [name for name, same in itertools.groupby(sorted(names)) if len(list(same)) > 1] == []


@pytest.mark.parametrize("mode", ["positive", "negative"], ids=["right", "wrong"])
def test_no_request_provokes_a_crash_or_an_answer_outside_the_document(described, mode):
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi import checks

    # What is sent back has to be in the document: its status, its headers, its media type, its shape.
    kept = [
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    mode = GenerationMode(mode)
    operations = [result.ok() for result in described.get_all_operations()]
    if mode is GenerationMode.NEGATIVE:
        operations = [operation for operation in operations if operation.query or operation.body]
    assert len(operations) >= (6 if mode is GenerationMode.NEGATIVE else 13)

    _, key = ApiKey.objects.create_key(name="operator", may_operate=True)
    for operation in operations:

        @examples(
            max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            headers = {"Accept-Language": "en"}
            if case.operation.path.endswith("/calculate"):
                headers["Authorization"] = f"Bearer {key}"
            response = case.call(headers=headers)
            assert response.status_code < 500, response.text
            case.validate_response(response, checks=kept)

        ask()
