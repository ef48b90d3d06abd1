"""config.observability: lines of CloudWatch's embedded metric format, checked against Amazon's published rules."""

import json
from typing import Any

import httpx
import jsonschema
import pytest
from django.utils import translation

from config.api.gate import Gate
from config.observability import metrics
from config.observability.measure import Measure, Unit

# The rules of "Specification: Embedded metric format" (docs.aws.amazon.com), as a schema of our own.
_NAME = {"type": "string", "minLength": 1, "maxLength": 1024}
FORMAT = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer", "minimum": 1_500_000_000_000, "maximum": 5_000_000_000_000},
                "CloudWatchMetrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {"const": "CurrencyService"},
                            "Dimensions": {
                                "type": "array",
                                "minItems": 1,
                                "items": {"type": "array", "maxItems": 30, "items": _NAME},
                            },
                            "Metrics": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "Name": _NAME,
                                        "Unit": {"enum": ["Count", "Seconds", "Milliseconds"]},
                                    },
                                },
                            },
                        },
                    },
                },
            },
        }
    },
}


def told(line: bytes | str) -> list[tuple[dict[str, str], str, str, float]]:
    """(dimensions, name, unit, value) of every metric CloudWatch would take out of a line."""
    event: dict[str, Any] = json.loads(line)
    jsonschema.validate(event, FORMAT)
    found = []
    for directive in event["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            # Both are members of the event itself, and dimensions are texts.
            dimensions = {name: event[name] for name in names}
            assert all(isinstance(value, str) and value for value in dimensions.values())
            for metric in directive["Metrics"]:
                value = event[metric["Name"]]
                assert isinstance(value, (int, float))
                found.append((dimensions, metric["Name"], metric["Unit"], value))
    return found


@pytest.fixture
def written(settings, capfd):
    """The lines on standard output, the file descriptor, since they were last asked for."""
    settings.METRICS, settings.LOG_FORMAT, settings.ACCESS_LOG = "emf", "json", True
    return lambda: [line for line in capfd.readouterr().out.splitlines() if '"_aws"' in line]


def test_measures_of_the_same_dimensions_share_a_line(written):
    metrics.tell(
        Measure("ProviderAge", 3600.5, Unit.SECONDS, {"Provider": "ecb"}),
        Measure("StaleProviders", 1, is_level=True),
        Measure("QuarantineHeld", 2, is_level=True),
        Measure("ProviderAge", 60, Unit.SECONDS, {"Provider": "ecos"}),
    )

    test = {"Environment": "test"}
    lines = written()
    assert len(lines) == 3
    assert sorted((found for line in lines for found in told(line)), key=str) == sorted(
        [
            ({**test, "Provider": "ecb"}, "ProviderAge", "Seconds", 3600.5),
            ({**test, "Provider": "ecos"}, "ProviderAge", "Seconds", 60),
            (test, "StaleProviders", "Count", 1),
            (test, "QuarantineHeld", "Count", 2),
        ],
        key=str,
    )


def test_nothing_is_written_where_nobody_listens(written, settings):
    settings.METRICS = "off"

    metrics.tell(Measure("Selections", 1))

    assert written() == []


def test_a_request_of_the_api_is_one_line_for_log_and_metrics(written, api):
    api.get("/api/v1/currencies/latest")
    api.get("/api/v1/currencies/latest")
    api.get("/api/v1/currencies/QQQ")

    lines = written()
    assert [json.loads(line)["event"] for line in lines] == ["request"] * 3
    names = [{name: value for _, name, _, value in told(line) if name != "RequestDuration"} for line in lines]
    assert names == [
        {"Requests": 1, "CacheMisses": 1},
        {"Requests": 1, "CacheHits": 1},
        {"Requests": 1, "ClientErrors": 1},
    ]
    by_route = [d["Route"] for line in lines for d, *_ in told(line) if "Route" in d]
    assert by_route == [
        "/api/v1/currencies/latest",
        "/api/v1/currencies/latest",
        "/api/v1/currencies/<str:code>",
    ]


def test_what_nobody_has_written_a_view_for_is_one_route(written, api):
    api.get("/api/v1/nothing-at-all-1")
    api.get("/wp-login.php")
    with translation.override("ko"):  # a page in English leaves its language behind
        api.get("/en/rankings")
        api.get("/rankings")
        api.get("/admin/currency/provider/")

    routes = [d["Route"] for line in written() for d, *_ in told(line) if "Route" in d]
    assert routes == ["unmatched", "unmatched", "/rankings", "/rankings", "/admin/"]


def test_a_page_that_breaks_counts_as_an_error_of_ours(written):
    def broken(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("500 Internal Server Error", [("Content-Length", "6")])
        return [b"broken"]

    with httpx.Client(
        transport=httpx.WSGITransport(app=Gate(broken)), base_url="http://testserver"
    ) as client:
        client.get("/rankings")

    (line,) = written()
    assert {"Requests", "ServerErrors", "RequestDuration"} == {name for _, name, *_ in told(line)}
    assert (json.loads(line)["status"], json.loads(line)["bytes"]) == (500, 6)


def test_a_page_that_raises_counts_as_well(written):
    def raising(_environ: Any, _start_response: Any) -> list[bytes]:
        raise ZeroDivisionError

    with (
        httpx.Client(
            transport=httpx.WSGITransport(app=Gate(raising)), base_url="http://testserver"
        ) as client,
        pytest.raises(ZeroDivisionError),
    ):
        client.get("/rankings")

    assert "ServerErrors" in {name for _, name, *_ in told(written()[0])}


def test_a_selection_is_counted_once_however_often_it_is_sent(written, api):
    choice = {"user_id": "kim", "country_code": "JP"}
    for _ in range(2):
        answer = api.post("/api/v1/rankings/selections", json=choice, headers={"Idempotency-Key": "one"})
        assert answer.status_code == 201

    selections = [value for line in written() for _, name, _, value in told(line) if name == "Selections"]
    assert selections == [1]


@pytest.mark.django_db
def test_one_part_that_cannot_be_measured_hides_no_other(written, settings):
    settings.METRIC_SOURCES = ["ranking.measures.missing", "ingestor.measures.measures"]

    assert metrics.tell_ages() == 1
    assert {name for line in written() for _, name, *_ in told(line)} == {"StaleProviders", "QuarantineHeld"}


@pytest.mark.django_db
def test_every_source_of_ages_answers_on_an_installation_that_has_just_begun(written):
    assert metrics.tell_ages() == 0
    assert written()
