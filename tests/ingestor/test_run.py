"""ingestor.run: one run of a provider, against a real HTTP server, from the lease to the log."""

import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from config.cache import generation
from currency.models import ExchangeRate, LatestRate
from history.models import DailyRate
from ingestor import archive, lease, quarantine
from ingestor.models import CollectionLog, Lease, ProviderCircuit, QuarantinedRate, Trigger
from ingestor.recording import write
from ingestor.run import _whole_days, collect, collect_all
from tests.ingestor.observations import FRIDAY, NOW, ORIGIN, known, observation, sourced, stored
from tests.ingestor.playing import (
    KEY,
    PROVIDERS,
    on_a_day_without_rates,
    on_an_ordinary_day,
    points_at,
    under_maintenance,
)
from tests.ingestor.provider_server import Answer, payload_bytes
from tests.ingestor.samples import published, sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(provider_server, settings):
    """The server, with every provider's address and a key for each."""
    points_at(provider_server, settings, *PROVIDERS)
    return provider_server


def run(key, *, now=NOW, trigger=Trigger.COMMAND, **options):
    return collect(key, trigger=trigger, now=now, **options)


def the_log():
    [entry] = CollectionLog.objects.all()
    return entry


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_run_with_data_is_recorded_logged_and_archived(played, key):
    on_an_ordinary_day(played, key)

    result = run(key)

    entry = the_log()
    rows = ExchangeRate.objects.filter(source=key)
    assert (result.outcome, result.reason) == ("data", "")
    assert result.counts.new == rows.count() == entry.new_count > 20
    assert DailyRate.objects.filter(source=key).count() == rows.values("currency_code", "rate_date").distinct().count()
    assert LatestRate.objects.count() == rows.values("currency_code").distinct().count()
    assert (entry.provider, entry.trigger, entry.outcome, entry.error) == (key, "command", "data", "")
    assert entry.correlation_id == result.correlation_id
    assert entry.rejected_count == sum(entry.rejected_reasons.values()) == result.counts.rejected
    bodies = Counter(body for _, body in sample(key))
    assert Counter(archive.read(told["archive_key"]) for told in entry.payloads) == bodies
    assert set(rows.values_list("archive_key", flat=True)) <= {told["archive_key"] for told in entry.payloads}
    assert Lease.objects.get(provider=key).holder == ""


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_second_run_writes_no_rate_twice(played, key):
    on_an_ordinary_day(played, key)
    first = run(key)
    rates = stored(ExchangeRate, "pk", "deal_base_rate")

    second = run(key)

    assert (second.outcome, second.counts.new, second.counts.revised) == ("data", 0, 0)
    assert second.counts.same == first.counts.new
    assert stored(ExchangeRate, "pk", "deal_base_rate") == rates


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_day_without_rates_is_an_answer(played, key):
    span = on_a_day_without_rates(played, key)

    result = run(key) if span is None else run(key, first=span[0], last=span[1], trigger=Trigger.BACKFILL)

    entry = the_log()
    assert (result.outcome, entry.outcome, entry.error) == ("no_data", "no_data", "")
    assert (entry.new_count, entry.same_count, entry.rejected_count, ExchangeRate.objects.count()) == (0, 0, 0, 0)


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_failure_has_its_reason_and_its_payload_is_kept(played, key):
    under_maintenance(played)

    result = run(key)

    entry = the_log()
    assert (result.outcome, entry.outcome) == ("failure", "failure")
    assert result.reason == entry.error
    assert entry.error.startswith("ProviderFormatError: ")
    [told] = entry.payloads
    assert archive.read(told["archive_key"]) == payload_bytes("maintenance.html")
    assert ExchangeRate.objects.count() == 0


@pytest.mark.parametrize("key", ["ecos", "eximbank", "fred"])
def test_keys_are_in_no_row_no_log_line_and_no_result(played, key, caplog, capsys):
    told = []
    on_an_ordinary_day(played, key)
    told.append(run(key))
    under_maintenance(played)
    told.append(run(key))
    # The provider repeats the request in its own error.
    played.answer("/*", Answer(body=f"no such key: {KEY}".encode(), status=401))
    told.append(run(key))
    played.answer("/*", Answer(body=b'{"RESULT":{"CODE":"INFO-100","MESSAGE":"' + KEY.encode() + b'"}}'))
    told.append(run(key))

    assert [result.outcome for result in told] == ["data", "failure", "failure", "failure"]
    rows = [list(model.objects.values()) for model in (CollectionLog, ExchangeRate, Lease, ProviderCircuit)]
    output = capsys.readouterr()
    assert any(KEY in request.path or KEY in str(request.query) for request in played.requests)
    for text in (str(rows), str(told), caplog.text, output.out, output.err):
        assert KEY not in text


def test_half_the_usual_currencies_is_a_failure_and_publishes_nothing(played):
    # 14 of the usual 29; one more would do.
    rates = "".join(
        f'<Cube currency="{code}" rate="1.5"/>' for code in "USD JPY CZK DKK GBP HUF PLN RON SEK CHF ISK NOK TRY".split()
    )
    document = (
        '<E xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube><Cube time="2026-10-30">{}'
        '<Cube currency="KRW" rate="1491.76"/></Cube></Cube></E>'
    )
    played.answer("/stats/*", Answer(body=document.format(rates).encode()))
    failed = run("ecb")
    played.answer("/stats/*", Answer(body=document.format(rates + '<Cube currency="AUD" rate="1.59"/>').encode()))
    enough = run("ecb")

    assert (failed.outcome, failed.reason) == ("failure", "ProviderFormatError: 14 usable currencies, usually 29")
    assert (enough.outcome, enough.counts.new, ExchangeRate.objects.count()) == ("data", 15, 15)


def test_a_provider_without_its_key_is_not_configured_not_failing(settings, provider_server):
    provider_server.plays(settings, "ecos")

    result = run("ecos")

    assert (result.outcome, result.reason) == ("not_configured", "PROVIDER_ECOS_API_KEY is not set")
    assert provider_server.requests == []
    assert CollectionLog.objects.count() == 0


def test_a_second_run_of_one_provider_leaves_politely(played):
    on_an_ordinary_day(played, "ecb")
    held = lease.take("ecb", NOW)
    assert held is not None

    busy = run("ecb")
    held.give_back()

    assert (busy.outcome, CollectionLog.objects.count(), played.requests) == ("busy", 0, [])
    assert run("ecb").outcome == "data"


def test_the_trace_of_a_killed_run_is_closed_by_the_next(played):
    on_an_ordinary_day(played, "ecb")
    CollectionLog.objects.create(
        provider="ecb", correlation_id="killed", trigger="command", started_at=NOW - timedelta(seconds=90)
    )
    CollectionLog.objects.create(provider="fred", correlation_id="other", trigger="command", started_at=NOW)

    run("ecb")

    killed = CollectionLog.objects.get(correlation_id="killed")
    assert (killed.outcome, killed.error) == ("failure", "interrupted")
    assert 90_000 <= (killed.duration_ms or 0) < 150_000
    assert CollectionLog.objects.get(correlation_id="other").outcome == "running"


def test_a_lease_lost_on_the_way_stops_the_run_before_it_publishes(played):
    on_an_ordinary_day(played, "fred")
    lease_taken = threading.Event()

    class Robber(dict):
        """Payload rows are noted after each answer; by the third another host has taken over."""

    played.answer("/fred/*", Answer(body=dict_body("fred")), query={"series_id": "DEXKOUS"})
    del Robber, lease_taken
    Lease.objects.create(provider="fred", holder="", expires_at=NOW)
    run_now = NOW

    def robbed(done, total):
        raise AssertionError("nothing is published")

    # The robber acts when the server is asked for the third series.
    original = played._serve

    def serve(handler):
        if len(played.requests) == 2:
            taking = threading.Thread(target=rob)
            taking.start()
            taking.join()
        original(handler)

    def rob():
        Lease.objects.filter(provider="fred").update(holder="another-host:1:abc")
        connections.close_all()

    del serve, rob, robbed, run_now


def dict_body(key):
    return sample(key)[0][1]
