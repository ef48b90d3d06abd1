"""Prices through the pipeline: asked over HTTP, archived, recorded, logged; and apart from rates."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from config.cache import generation
from currency.models import LatestRate, PriceObservation, Provider
from ingestor import archive
from ingestor.due import collect_if_due
from ingestor.health import summary
from ingestor.models import CollectionLog, Lease, ProviderCircuit, Trigger
from ingestor.registry import price_profiles
from ingestor.run import collect
from tests.ingestor.provider_server import Answer, payload, payload_bytes

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 10, 30, 14, 30, tzinfo=UTC)
INDEX, MEMBERS = "*/big-mac-full-index.csv", "*/big-mac-source-data-v2.csv"
LEVELS = "/v2/country/all/indicator/PA.NUS.PRVT.PLI"
#: 55 countries of two releases that overlap but for one, and the members of the euro area.
PRICES = 55 + 54 + 17


@pytest.fixture
def played(provider_server, settings):
    provider_server.plays(settings, *price_profiles())
    provider_server.answer(INDEX, payload("bigmac/index.csv"))
    provider_server.answer(MEMBERS, payload("bigmac/members.csv"))
    return provider_server


def run(key="bigmac", *, now=NOW, trigger=Trigger.COMMAND, **options):
    return collect(key, trigger=trigger, now=now, **options)


def prices_of(country, **where):
    rows = PriceObservation.objects.filter(country_code=country, **where).order_by("observed_on", "revision")
    return [(row.observed_on.year, row.price, row.revision) for row in rows]


def corrected(document: bytes, was: str, is_now: str) -> Answer:
    assert was.encode() in document
    return Answer(body=document.replace(was.encode(), is_now.encode()))


def test_a_run_is_recorded_logged_and_archived(played):
    result = run()

    entry = CollectionLog.objects.get()
    assert (result.outcome, result.reason, result.counts.new) == ("data", "", PRICES)
    assert (entry.provider, entry.outcome, entry.new_count, entry.rejected_count) == (
        "bigmac",
        "data",
        PRICES,
        0,
    )
    assert entry.correlation_id == result.correlation_id
    assert [archive.read(told["archive_key"]) for told in entry.payloads] == [
        payload_bytes("bigmac/index.csv"),
        payload_bytes("bigmac/members.csv"),
    ]
    assert Lease.objects.get(provider="bigmac").holder == ""
    assert PriceObservation.objects.count() == PRICES


def test_a_price_is_kept_with_its_source_its_day_and_its_dollar_rate(played):
    run()

    row = PriceObservation.objects.get(country_code="JP", observed_on=date(2026, 1, 1))
    assert (row.item, row.price, row.currency_code, row.usd_rate) == (
        "bigmac",
        Decimal(480),
        "JPY",
        Decimal("158.545"),
    )
    assert (row.source, row.source_url) == (
        "The Economist Big Mac index",
        "https://github.com/TheEconomist/big-mac-data",
    )
    assert row.archive_key == CollectionLog.objects.get().payloads[0]["archive_key"]


def test_a_second_run_writes_no_price_twice(played):
    run()

    again = run()

    assert (again.counts.new, again.counts.same, again.counts.revised) == (0, PRICES, 0)
    assert PriceObservation.objects.count() == PRICES


def test_a_corrected_price_is_a_revision_beside_the_first(played):
    run()
    index = payload_bytes("bigmac/index.csv")
    played.answer(INDEX, corrected(index, "2026-01-01,KOR,KRW,5500", "2026-01-01,KOR,KRW,5600"))

    again = run()

    assert (again.counts.new, again.counts.revised) == (0, 1)
    assert prices_of("KR") == [(2024, 5500, 0), (2026, 5500, 0), (2026, 5600, 1)]


def test_the_same_price_told_with_another_dollar_rate_is_a_revision(played):
    run()
    index = payload_bytes("bigmac/index.csv")
    played.answer(INDEX, corrected(index, "KRW,5500,1469.85", "KRW,5500,1470"))

    assert run().counts.revised == 1


def test_a_range_keeps_the_releases_inside_it(played):
    result = run(first=date(2024, 1, 1), last=date(2024, 12, 31), trigger=Trigger.BACKFILL)

    assert result.counts.new == 55
    assert prices_of("KR") == [(2024, 5500, 0)]


def test_a_dry_run_counts_and_leaves_nothing_behind(played):
    result = run(dry_run=True)

    assert (result.outcome, result.counts.new) == ("data", PRICES)
    assert (PriceObservation.objects.count(), CollectionLog.objects.count()) == (0, 0)


def test_a_row_that_is_none_is_rejected_with_its_reason_and_the_others_are_kept(played):
    index = payload_bytes("bigmac/index.csv") + b"2026-01-01,XKX,EUR,5,0.9,0,0,0,0,0\n"
    index += b"2026-01-01,KOR,KRW,5600,1469.85,0,0,0,0,0\n2027-01-01,KOR,KRW,5600,1469.85,0,0,0,0,0\n"
    index += b"0202-01-01,KOR,KRW,5600,1469.85,0,0,0,0,0\n2026-01-01,MNG,XXX,5,1,0,0,0,0,0\n2026-01-01,MAC,MOP,0,8,0,0,0,0,0\n"
    played.answer(INDEX, Answer(body=index))

    result = run()

    assert result.counts.new == PRICES
    assert CollectionLog.objects.get().rejected_reasons == {
        "XKX: not a country": 1,
        "KR: another price for the same day": 1,
        "KR: a day to come": 1,
        "KR: a day long past": 1,
        "MN: unknown currency XXX": 1,
        "MO: not a price that can be kept": 1,
    }


def test_half_of_an_answer_is_a_failure_and_nothing_is_written(played):
    head = b"".join(payload_bytes("bigmac/index.csv").splitlines(keepends=True)[:12])
    played.answer(INDEX, Answer(body=head))

    result = run()

    assert result.outcome == "failure"
    assert "prices of 28 countries, usually 71" in result.reason
    assert PriceObservation.objects.count() == 0


def test_who_fails_run_after_run_is_left_alone(played):
    played.answer(INDEX, Answer(status=404))

    reasons = [run().reason for _ in range(6)]

    assert "status 404" in reasons[4]
    assert "CircuitOpen" in reasons[5]
    assert ProviderCircuit.objects.get(key="bigmac").state == "open"


# --- what ships with the code --------------------------------------------------------------------


def test_the_shipped_release_is_loaded_without_a_network_and_twice_is_once():
    first = run(trigger=Trigger.BUNDLED)
    second = run(trigger=Trigger.BUNDLED)

    assert (first.outcome, first.counts.new) == ("data", 71)
    assert (second.outcome, second.counts.new, second.counts.same) == ("data", 0, 71)
    assert PriceObservation.objects.values("country_code").distinct().count() == 71


def test_what_was_fetched_is_never_corrected_by_what_ships(played):
    run()
    assert prices_of("EU", observed_on=date(2026, 1, 1)) == [(2026, 6, 0)]

    shipped = run(trigger=Trigger.BUNDLED)

    assert (shipped.counts.new, shipped.counts.revised, shipped.counts.same) == (0, 0, 71)


def test_what_ships_is_corrected_by_what_is_fetched(played):
    run(trigger=Trigger.BUNDLED)

    run()

    assert prices_of("EU") == [(2024, Decimal("5.39"), 0), (2026, Decimal("6.08"), 0), (2026, 6, 1)]


# --- the World Bank ------------------------------------------------------------------------------


def levels(*codes: str, year: str = "2024") -> bytes:
    rows = [
        {
            "indicator": {"id": "PA.NUS.PRVT.PLI"},
            "country": {"id": code[:2], "value": code},
            "countryiso3code": code,
            "date": year,
            "value": 100 if code == "USA" else 60.5,
        }
        for code in codes
    ]
    return json.dumps([{"page": 1, "pages": 1, "total": len(rows)}, rows]).encode()


def test_groups_of_countries_are_rejected_and_counted(played):
    played.answer(LEVELS, payload("worldbank/2026-10-30.json"))

    result = run("worldbank", first=date(2024, 1, 1), last=date(2024, 12, 31), trigger=Trigger.BACKFILL)

    assert (result.outcome, result.counts.new) == ("data", 5)
    assert CollectionLog.objects.get().rejected_reasons == {
        "XKX: not a country": 1,
        "EUU: not a country": 1,
        "Latin America & Caribbean (a group): not a country": 1,
    }


def test_a_revised_price_level_is_a_revision(played):
    played.answer(LEVELS, Answer(levels("USA", "KOR")), Answer(levels("USA", "KOR").replace(b"60.5", b"61")))
    years = {"first": date(2024, 1, 1), "last": date(2024, 12, 31), "trigger": Trigger.BACKFILL}

    run("worldbank", **years)
    run("worldbank", **years)

    assert prices_of("KR", item="price_level") == [(2024, Decimal("60.5"), 0), (2024, 61, 1)]


def test_a_handful_of_countries_is_no_answer_of_the_world_bank(played):
    played.answer(LEVELS, payload("worldbank/2026-10-30.json"))

    assert "prices of 5 countries, usually 160" in run("worldbank").reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [("not_found.json", "ProviderRefused: 175"), ("no_data.json", "not a single price")],
)
def test_an_indicator_that_is_gone_is_a_failure(played, name, reason):
    played.answer(LEVELS, payload(f"worldbank/{name}"))

    result = run("worldbank")

    assert result.outcome == "failure"
    assert reason in result.reason


# --- how often, and beside rates -----------------------------------------------------------------


def test_prices_are_asked_for_once_a_week(played):
    first = collect_if_due("bigmac", now=NOW)
    early = collect_if_due("bigmac", now=NOW + timedelta(days=6, hours=23))
    later = collect_if_due("bigmac", now=NOW + timedelta(days=7, minutes=1))

    assert (first.outcome, early, later.outcome) == ("data", None, "data")
    assert len(played.requests) == 4


def test_a_failed_run_is_repeated_by_the_next_tick_and_the_shipped_release_is_no_answer(played):
    run(trigger=Trigger.BUNDLED)
    played.answer(INDEX, Answer(status=404), payload("bigmac/index.csv"))

    outcomes = [collect_if_due("bigmac", now=NOW + timedelta(hours=hour)).outcome for hour in (0, 1)]

    assert outcomes == ["failure", "data"]


def test_runs_of_prices_say_nothing_of_rates(played):
    before = summary(NOW)

    run()

    assert summary(NOW) == before
    assert Provider.objects.filter(key__in=price_profiles()).count() == 0
    assert LatestRate.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_new_prices_end_stored_answers_and_known_ones_do_not(played):
    before = generation.current()
    run()
    after = generation.current()

    run()

    assert before < after == generation.current()
