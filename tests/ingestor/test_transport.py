import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stamina

from ingestor import transport
from ingestor.adapter import Endpoint
from ingestor.budget import BudgetSpent
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, ProviderUnavailable, RawPayload
from ingestor.registry import Budget, profiles
from ingestor.transport import Patience
from tests import certificate
from tests.ingestor.provider_server import Answer, ProviderServer, payload, payload_bytes

ECB = profiles()["ecb"]
ASK = Ask("/daily.xml")
SOON = Patience(first_wait=0.01, longest_wait=0.01, jitter=0.0)
KEY = "s3cr3tk3y0fth3t3sts"


@pytest.fixture
def reached(provider_server: ProviderServer) -> Endpoint:
    return Endpoint(provider_server.url, api_key=KEY, timeout=0.5)


def get(endpoint: Endpoint, ask: Ask = ASK, **options: Any) -> RawPayload:
    options = {"patience": SOON} | options
    with transport.client(endpoint) as client:
        return transport.fetch(ask, endpoint, options.pop("profile", ECB), client=client, **options)


def test_the_body_comes_back_as_it_was_sent(provider_server, reached):
    provider_server.answer("/daily.xml", payload("ecb/2026-10-30.xml"))
    before = datetime.now(UTC)

    raw = get(reached)

    assert raw.body == payload_bytes("ecb/2026-10-30.xml")
    assert raw.url == f"{provider_server.url}/daily.xml"
    assert before <= raw.fetched_at <= datetime.now(UTC)


def test_a_request_says_who_asks_and_carries_its_parameters(provider_server, reached):
    provider_server.answer("/series", Answer(b"{}"))

    get(reached, Ask("/series", {"series_id": "DEXKOUS", "units": "a b&c"}))

    [request] = provider_server.requests
    assert request.headers["user-agent"].startswith("currency-travel-service/")
    assert request.query == {"series_id": "DEXKOUS", "units": "a b&c"}


def test_a_provider_below_a_path_is_reached_there(provider_server, reached):
    provider_server.answer("/mirror/daily.xml", Answer(b"x"))

    assert get(replace(reached, base_url=f"{provider_server.url}/mirror")).body == b"x"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_trouble_that_passes_is_asked_again(provider_server, reached, status):
    provider_server.answer("/daily.xml", Answer(status=status), Answer(status=status), Answer(b"at last"))

    assert get(reached).body == b"at last"
    assert len(provider_server.requests) == 3


def test_after_three_attempts_the_run_gives_up(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(status=503))

    with pytest.raises(ProviderUnavailable, match="status 503"):
        get(reached)

    assert len(provider_server.requests) == 3


def test_no_attempt_begins_after_the_total_time(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(status=503))

    with pytest.raises(ProviderUnavailable):
        get(reached, patience=replace(SOON, attempts=1000, total=0.2))

    assert 1 < len(provider_server.requests) < 1000


def test_a_short_retry_after_is_waited_for(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(status=429, headers={"Retry-After": "1"}), Answer(b"data"))
    waits: list[float] = []
    stamina.instrumentation.set_on_retry_hooks([lambda details: waits.append(details.wait_for)])
    try:
        assert get(reached).body == b"data"
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)

    assert waits == [1.0]


@pytest.mark.parametrize("asked", ["1200", "Fri, 30 Oct 2026 08:00:00 GMT", "-1"])
def test_a_long_retry_after_is_left_to_the_next_run(provider_server, reached, asked):
    provider_server.answer("/daily.xml", Answer(status=429, headers={"Retry-After": asked}), Answer(b"data"))

    with pytest.raises(ProviderUnavailable, match="status 429"):
        get(reached)

    assert len(provider_server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_not_asked_again_and_is_quoted(provider_server, reached, status):
    provider_server.answer("/daily.xml", payload("fred/key_error.json", status=status))

    with pytest.raises(ProviderRefused, match=f"status {status}: .*api_key is not registered"):
        get(reached)

    assert len(provider_server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(provider_server, reached, status):
    elsewhere = ProviderServer()
    try:
        provider_server.answer(
            "/daily.xml", Answer(status=status, headers={"Location": f"{elsewhere.url}/daily.xml"})
        )
        provider_server.answer("/other.xml", Answer(status=status, headers={"Location": "/daily.xml"}))

        for ask in (ASK, Ask("/other.xml")):
            with pytest.raises(ProviderFormatError, match=f"status {status}"):
                get(reached, ask)

        assert (len(provider_server.requests), elsewhere.requests) == (2, [])
    finally:
        elsewhere.close()


@pytest.mark.parametrize("status", [202, 204, 206])
def test_a_success_without_the_whole_body_is_no_answer(provider_server, reached, status):
    provider_server.answer("/daily.xml", Answer(status=status))

    with pytest.raises(ProviderFormatError, match=f"status {status}, expected 200"):
        get(reached)


def test_a_provider_that_does_not_answer_in_time_is_unavailable(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(b"late", delay=5))

    with pytest.raises(ProviderUnavailable, match="ReadTimeout"):
        get(replace(reached, timeout=0.05))

    assert len(provider_server.requests) == 3


def test_a_connection_cut_off_in_the_body_is_asked_again(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(b"x" * 1000, cut=10), Answer(b"whole"))

    assert get(reached).body == b"whole"


def test_a_provider_that_nobody_listens_for_is_unavailable():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(ProviderUnavailable, match="ConnectError"):
        get(Endpoint(f"http://127.0.0.1:{port}", timeout=0.5))


def test_a_provider_that_drips_is_left_after_three_time_outs():
    listening, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not over.wait(0.02):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable, match="still sending after 3 time-outs"):
            get(Endpoint(url, timeout=0.1), patience=replace(SOON, attempts=1))
    finally:
        over.set()
        thread.join()
        listening.close()


def test_a_body_that_is_far_too_large_is_no_answer(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(b"x" * 1001))

    with pytest.raises(ProviderFormatError, match="more than 1000 bytes"):
        get(reached, largest_body=1000)
    assert len(get(reached, largest_body=1001).body) == 1001


def test_a_compressed_body_counts_as_large_as_it_unpacks(provider_server, reached):
    bomb = gzip.compress(b"0" * 1_000_000)
    provider_server.answer("/daily.xml", Answer(bomb, headers={"Content-Encoding": "gzip"}))

    assert len(bomb) < 2000
    with pytest.raises(ProviderFormatError, match="more than 10000 bytes"):
        get(reached, largest_body=10_000)


def test_a_body_that_is_not_compressed_as_it_claims_is_no_answer(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(b"not gzip", headers={"Content-Encoding": "gzip"}))

    with pytest.raises(ProviderFormatError, match="DecodingError"):
        get(reached)


ECOS_PATH = f"/api/StatisticSearch/{KEY}/json/kr/1/5000/731Y001/D/20261016/20261030"


def test_the_address_kept_with_a_payload_has_no_key(provider_server, reached):
    provider_server.answer("/*", Answer(b"{}"))

    in_path = get(reached, Ask(ECOS_PATH)).url
    in_query = get(reached, Ask("/x", {"authkey": KEY, "api_key": KEY, "data": "AP01"})).url

    assert in_path == provider_server.url + ECOS_PATH.replace(KEY, "***")
    assert in_query == f"{provider_server.url}/x?authkey=***&api_key=***&data=AP01"


def test_a_key_that_looks_different_in_an_address_is_hidden_there_too(provider_server, reached):
    provider_server.answer("/*", Answer(b"{}"))
    odd = replace(reached, api_key="a/b+c d")

    in_path = get(odd, Ask("/api/StatisticSearch/a%2Fb%2Bc%20d/json")).url
    in_query = get(odd, Ask("/x", {"authkey": "a/b+c d"})).url

    assert in_path == f"{provider_server.url}/api/StatisticSearch/***/json"
    assert in_query == f"{provider_server.url}/x?authkey=***"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=503),
        Answer(status=403, body=f"the key {KEY} is blocked".encode()),
        Answer(status=302, headers={"Location": "/x"}),
        Answer(b"late", delay=5),
        Answer(b"x" * 1000, cut=10),
        Answer(status=429, headers={"Retry-After": KEY}),
    ],
    ids=["503", "403", "302", "time-out", "cut", "429"],
)
def test_no_error_tells_the_key(provider_server, reached, answer):
    provider_server.answer("/*", answer)
    seen = []

    for ask in (Ask(ECOS_PATH), Ask("/x", {"authkey": KEY})):
        with pytest.raises(Exception, match=r"127\.0\.0\.1") as caught:
            get(replace(reached, timeout=0.05), ask)
        chain: BaseException | None = caught.value
        while chain is not None:
            seen.append(repr(chain))
            chain = chain.__cause__ if chain.__suppress_context__ else chain.__context__

    assert len(seen) >= 2
    assert [text for text in seen if KEY in text] == []


def test_every_attempt_is_taken_from_the_budget(provider_server, reached):
    provider_server.answer("/daily.xml", Answer(status=503))
    two = replace(ECB, key="two", budget=Budget(calls=2, seconds=86400))

    with pytest.raises(BudgetSpent):
        get(reached, profile=two)

    assert len(provider_server.requests) == 2


def test_a_ca_bundle_that_cannot_be_read_is_named_before_anything_is_sent(tmp_path):
    empty = tmp_path / "bundle.pem"
    empty.write_text("no certificate")

    for bundle in (str(empty), str(tmp_path / "missing.pem")):
        with pytest.raises(ProviderRefused, match="CA bundle"):
            get(Endpoint("https://127.0.0.1:9", ca_bundle=bundle))


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """(certificate, key) files of a server that no public authority vouches for."""
    return certificate.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls_server(own_certificate: tuple[str, str]) -> Iterator[ProviderServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*own_certificate)
    server = ProviderServer(tls=context)
    server.answer("/daily.xml", Answer(b"data"))
    yield server
    server.close()


def test_a_certificate_nobody_vouches_for_is_not_accepted_and_not_asked_again(tls_server):
    with pytest.raises(ProviderUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        get(Endpoint(tls_server.url), patience=replace(SOON, attempts=3, first_wait=60, longest_wait=60))

    assert tls_server.requests == []


def test_a_ca_bundle_vouches_for_a_provider(tls_server, own_certificate):
    assert get(Endpoint(tls_server.url, ca_bundle=own_certificate[0])).body == b"data"


@pytest.fixture
def one_attempt() -> Iterator[None]:
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def test_staminas_testing_mode_spares_the_waits(provider_server, reached, one_attempt):
    provider_server.answer("/daily.xml", Answer(status=503))

    with pytest.raises(ProviderUnavailable):
        get(reached, patience=Patience())

    assert len(provider_server.requests) == 1
