"""Every provider over a real connection: asked as in production, answered with each kind of answer."""

from typing import Any

import pytest

from ingestor import transport
from ingestor.published import (
    ProviderFormatError,
    ProviderRefused,
    ProviderUnavailable,
    PublishedRate,
)
from ingestor.registry import adapter, endpoint, profiles
from ingestor.transport import Patience
from tests.ingestor.provider_server import Answer, ProviderServer, payload, payload_bytes
from tests.ingestor.samples import TODAY, sample

KEYS = sorted(profiles())
every_provider = pytest.mark.parametrize("key", KEYS)
SOON = Patience(first_wait=0.01, longest_wait=0.01, jitter=0.0)


@pytest.fixture
def playing(provider_server: ProviderServer, settings: Any) -> ProviderServer:
    """The server, as every provider at once; whatever is not told otherwise takes long."""
    provider_server.plays(settings, *KEYS, api_key="k3y0fth3t3sts", timeout="0.3")
    return provider_server


def collected(key: str) -> list[PublishedRate]:
    """What the first group that holds data says."""
    provider, reached = adapter(key), endpoint(key)
    with transport.client(reached) as client:
        for group in provider.newest(TODAY, reached):
            rates = [
                rate
                for ask in group
                for rate in provider.parse(
                    transport.fetch(ask, reached, profiles()[key], client=client, patience=SOON).body, ask
                )
            ]
            if rates:
                return rates
    return []


def answer_well(server: ProviderServer, key: str, *before: Answer) -> list[PublishedRate]:
    """Answer all of the newest group with the kept payloads, after `before`; what they say."""
    for ask, body in sample(key):
        server.answer(ask.path, *before, Answer(body), query=ask.parameters)
    return [rate for ask, body in sample(key) for rate in adapter(key).parse(body, ask)]


@every_provider
def test_good_answers_give_their_rates(playing, key):
    said = answer_well(playing, key)

    assert collected(key) == said
    assert len(said) >= profiles()[key].expected_currencies - 1


@every_provider
def test_429_once_and_then_an_answer_is_an_answer(playing, key):
    said = answer_well(playing, key, Answer(status=429))

    assert collected(key) == said


@every_provider
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (payload("maintenance.html"), ProviderFormatError),
        (Answer(b""), ProviderFormatError),
        (Answer(status=503), ProviderUnavailable),
        (Answer(status=429), ProviderUnavailable),
        (Answer(b"late", delay=5), ProviderUnavailable),
        (Answer(b"x" * 500, cut=20), ProviderUnavailable),
        (Answer(status=403), ProviderRefused),
        (Answer(status=302, headers={"Location": "https://www.example.com/"}), ProviderFormatError),
    ],
    ids=["html", "empty", "503", "429", "time-out", "cut", "403", "redirect"],
)
def test_what_is_no_answer_is_a_failure_with_a_reason(playing, key, answer, failure):
    playing.answer("/*", answer)

    with pytest.raises(failure):
        collected(key)


@every_provider
def test_an_answer_that_ends_half_way_is_a_failure(playing, key):
    for ask, body in sample(key):
        playing.answer(ask.path, Answer(body[: len(body) // 2]), query=ask.parameters)

    with pytest.raises(ProviderFormatError):
        collected(key)


@pytest.mark.parametrize(
    ("key", "name", "failure"),
    [
        ("ecos", "ecos/key_error.json", ProviderRefused),
        ("ecos", "ecos/too_many_calls.json", ProviderUnavailable),
        ("ecos", "ecos/wrong_unit.json", ProviderFormatError),
        ("eximbank", "eximbank/key_error.json", ProviderRefused),
        ("eximbank", "eximbank/quota.json", ProviderRefused),
        ("eximbank", "eximbank/wrong_unit.json", ProviderFormatError),
        ("eximbank", "eximbank/euc_kr.json", ProviderFormatError),
        ("fred", "fred/wrong_unit.json", ProviderFormatError),
        ("exchangerate_api", "exchangerate_api/error.json", ProviderRefused),
        ("exchangerate_api", "exchangerate_api/wrong_base.json", ProviderFormatError),
    ],
)
def test_each_providers_own_errors_come_with_status_200(playing, key, name, failure):
    playing.answer("/*", payload(name))

    with pytest.raises(failure):
        collected(key)


def test_freds_errors_come_with_status_400(playing):
    playing.answer("/*", payload("fred/key_error.json", status=400))

    with pytest.raises(ProviderRefused, match="api_key is not registered"):
        collected("fred")


@pytest.mark.parametrize(("key", "requests"), [("ecos", 1), ("eximbank", 11), ("fred", 22)])
def test_a_provider_that_has_nothing_gives_nothing_and_is_asked_everything_once(playing, key, requests):
    playing.answer("/*", payload(f"{key}/no_data.json"))

    assert collected(key) == []
    assert len(playing.requests) == requests


def test_eximbank_is_asked_for_the_day_before_until_a_day_has_rates(playing):
    playing.answer("/*", payload("eximbank/no_data.json"))
    playing.answer("/*", payload("eximbank/2026-10-29.json"), query={"searchdate": "20261028"})

    rates = collected("eximbank")

    assert {str(rate.rate_date) for rate in rates} == {"2026-10-28"}
    assert [request.query["searchdate"] for request in playing.requests] == [
        "20261030",
        "20261029",
        "20261028",
    ]


def test_eximbanks_error_stops_the_walk_back_at_once(playing):
    playing.answer("/*", payload("eximbank/key_error.json"))

    with pytest.raises(ProviderRefused):
        collected("eximbank")

    assert len(playing.requests) == 1


def test_the_ecbs_history_comes_over_the_wire_as_it_is_bundled(playing):
    ask, bundled = adapter("ecb").bundled()  # type: ignore[attr-defined]
    playing.answer("/stats/eurofxref/eurofxref-hist.zip", Answer(bundled))
    [[asked]] = adapter("ecb").between(TODAY, TODAY, endpoint("ecb"))

    with transport.client(endpoint("ecb")) as client:
        raw = transport.fetch(asked, endpoint("ecb"), profiles()["ecb"], client=client)

    assert (asked, raw.body) == (ask, bundled)


def test_a_page_in_the_banks_old_encoding_is_the_same_text_in_another(playing):
    # So that the encoding, and nothing else, is what the refusal above is about.
    text = payload_bytes("eximbank/euc_kr.json").decode("euc-kr")

    playing.answer("/*", Answer(text.encode()))

    assert len(collected("eximbank")) == 22
