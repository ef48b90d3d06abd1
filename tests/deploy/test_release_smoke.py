"""The candidate's examination, held against the application itself; and the signature on its requests."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, unquote

import boto3.session
import httpx
import pytest
import time_machine
from django.core import signals
from django.db import close_old_connections

from deploy.release import smoke
from deploy.release.signed import Signed
from tests.factories import FRIDAY, cover, make_price

#: The Sunday after the newest rates that the factories make.
NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def well(application: Any, db: None) -> Iterator[httpx.Client]:
    """The application with half a year of three currencies, prices of two countries and one selection."""
    for code in ("USD", "JPY", "EUR"):
        cover(date(2026, 4, 20), FRIDAY, code=code)
    make_price()
    make_price("JP", "480", "JPY")
    # The test's transaction outlives its requests, a page's too, which end when they are read to their end.
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    transport = httpx.WSGITransport(app=application)
    with (
        time_machine.travel(NOW, tick=True),
        httpx.Client(transport=transport, base_url="http://testserver") as client,
    ):
        client.post("/api/v1/rankings/selections", json={"user_id": "somebody", "country_code": "JP"})
        yield client
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def test_an_application_that_is_well_passes_every_question(well, settings):
    found = list(smoke.examine(well, commit=settings.COMMIT, now=NOW))

    assert [f"{each.name}: {each.detail}" for each in found if not each.ok] == []
    assert len(found) == 25


def test_a_request_is_signed_as_aws_describes_it():
    """By the steps of "Signing AWS API requests", over the bytes that are sent; %2C has to stay %2C."""
    session = boto3.session.Session("AKIDEXAMPLE", "wJalrXUtnFEMI", "token", region_name="ap-northeast-2")
    sent: list[httpx.Request] = []

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    asked = {each.name: each for each in smoke.questions(commit="", now=NOW)}
    with httpx.Client(
        base_url="https://abc.lambda-url.ap-northeast-2.on.aws",
        auth=Signed(session),
        transport=httpx.MockTransport(keep),
    ) as client:
        client.get(asked["latest rates"].path)
        client.post(asked["selection refused"].path, json={})

    assert len(sent) == 2
    for request in sent:
        told = request.headers["authorization"]
        scope, names, signature = (part.partition("=")[2] for part in told.split(" ", 1)[1].split(", "))
        assert scope.split("/")[2:] == ["ap-northeast-2", "lambda", "aws4_request"]
        assert {"host", "x-amz-date", "x-amz-security-token"} <= set(names.split(";"))
        assert signature == _signature(request, scope, names)


def _signature(request: httpx.Request, scope: str, names: str) -> str:
    pairs = [pair.partition("=") for pair in request.url.query.decode().split("&") if pair]
    encoded = sorted(
        (quote(unquote(name), safe=""), quote(unquote(value), safe="")) for name, _, value in pairs
    )
    canonical = "\n".join(
        [
            request.method,
            request.url.path,
            "&".join(f"{name}={value}" for name, value in encoded),
            *(f"{name}:{request.headers[name].strip()}" for name in names.split(";")),
            "",
            names,
            hashlib.sha256(request.content).hexdigest(),
        ]
    )
    _, day, region, service, end = scope.split("/")
    text = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            request.headers["x-amz-date"],
            f"{day}/{region}/{service}/{end}",
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = b"AWS4" + b"wJalrXUtnFEMI"
    for part in (day, region, service, end):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
