"""ingestor.quarantine: what was held back, and the operator's one decision about it."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from currency.models import ExchangeRate, LatestRate
from history.models import DailyRate
from ingestor.models import QuarantinedRate, Trigger
from ingestor.quarantine import AlreadyDecided, Superseded, drop, hold, release
from ingestor.recording import write
from ingestor.run import collect
from tests.ingestor.observations import FRIDAY, MONDAY, NOW, ORIGIN, observation, sourced, stored
from tests.ingestor.playing import points_at
from tests.ingestor.provider_server import Answer, payload_bytes

pytestmark = pytest.mark.django_db

BESIDE = {"recent": [["2026-10-29", "1336.1"]], "others": {}}
LATER = NOW + timedelta(hours=1)


def held(*observations, reason="looks 100 times too large beside the previous value"):
    return hold("eximbank", [(one, ORIGIN, reason, BESIDE) for one in observations], now=NOW)


def one_held(rate="133610", **told):
    held(observation(rate, **told))
    return QuarantinedRate.objects.get()


def test_the_same_value_every_five_minutes_is_one_row():
    assert len(held(observation("133610"))) == 1
    assert held(observation("133610.00")) == []
    assert len(held(observation("133620"), observation("88357", code="JPY"))) == 2
    assert QuarantinedRate.objects.count() == 3


def test_twins_in_one_answer_are_one_row():
    twin = observation("133610")

    assert len(held(twin, observation("133610.0"), twin)) == 1
    assert QuarantinedRate.objects.count() == 1


def test_a_suspicious_row_told_twice_does_not_cost_the_rest_of_the_answer(provider_server, settings):
    points_at(provider_server, settings, "ecb")
    write("ecb", sourced(observation("2700", day=date(2026, 10, 29))))
    told = payload_bytes("ecb/2026-10-30.xml").decode()
    [dollar] = re.findall(r"<Cube currency=['\"]USD['\"][^>]*/>", told)
    provider_server.answer("/stats/*", Answer(body=told.replace(dollar, dollar + dollar).encode()))

    result = collect("ecb", trigger=Trigger.COMMAND, now=datetime(2026, 10, 30, 15, 30, tzinfo=UTC))

    assert (result.outcome, result.counts.new) == ("data", 28)
    assert [(row.currency_code, row.state) for row in QuarantinedRate.objects.all()] == [("USD", "waiting")]


def test_a_value_decided_upon_is_not_held_again():
    drop(one_held().pk, by="kim", note="", now=LATER)

    assert held(observation("133610")) == []
    assert QuarantinedRate.objects.get().state == "dropped"


def test_a_released_value_is_recorded_as_if_it_had_never_been_held():
    row = one_held("133610", tts="134950", ttb="132270")

    release(row.pk, by="kim", note="checked with the bank", now=LATER)

    [rate] = ExchangeRate.objects.all()
    assert (rate.source, rate.currency_code, rate.rate_date, rate.revision) == ("eximbank", "USD", FRIDAY, 0)
    assert (rate.deal_base_rate, rate.tts, rate.ttb) == (Decimal(133610), Decimal(134950), Decimal(132270))
    assert (rate.published_base, rate.published_quote, rate.published_rate) == ("USD", "KRW", "133610")
    assert (rate.archive_key, rate.fetched_at) == (ORIGIN.archive_key, ORIGIN.fetched_at)
    assert stored(LatestRate, "deal_base_rate") == stored(DailyRate, "close") == [(Decimal(133610),)]
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.note, row.decided_at) == (
        "released",
        "kim",
        "checked with the bank",
        LATER,
    )


def fetched(minutes, *observations):
    """The same observations, fetched so many minutes after the held one."""
    return [(one, replace(ORIGIN, fetched_at=NOW + timedelta(minutes=minutes))) for one in observations]


def test_a_released_value_corrects_what_was_published_before_it():
    row = one_held("1500")
    write("eximbank", fetched(-5, observation("1336.1")))

    release(row.pk, by="kim", note="", now=LATER)

    assert stored(ExchangeRate, "revision", "deal_base_rate") == [(0, Decimal("1336.1")), (1, Decimal(1500))]


def test_a_released_value_does_not_bring_back_what_the_provider_corrected_since():
    row = one_held("1500")
    write("eximbank", fetched(5, observation("1336.1")))

    with pytest.raises(Superseded) as refused:
        release(row.pk, by="kim", note="", now=LATER)

    assert str(refused.value) == (
        "a newer figure of this fixing is recorded: 1336.1000000000, fetched 2026-10-30 05:05:00 UTC; "
        "this one was fetched 2026-10-30 05:00:00 UTC and can only be dropped"
    )
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.decided_at) == ("waiting", "", None)
    assert stored(ExchangeRate, "revision", "deal_base_rate") == [(0, Decimal("1336.1"))]
    drop(row.pk, by="kim", note="corrected by the bank", now=LATER)
    row.refresh_from_db()
    assert row.state == "dropped"


def test_newer_figures_of_other_fixings_currencies_and_providers_do_not_stand_in_the_way():
    row = one_held("1500")
    write("eximbank", fetched(5, observation("1336.1", day=MONDAY), observation("8.84", code="JPY")))
    write("ecb", fetched(5, observation("1336.1")))

    release(row.pk, by="kim", note="", now=LATER)

    row.refresh_from_db()
    assert row.state == "released"


def test_a_dropped_value_is_never_published():
    row = one_held()

    drop(row.pk, by="kim", note="typing error", now=LATER)

    row.refresh_from_db()
    assert (row.state, row.decided_by, ExchangeRate.objects.count()) == ("dropped", "kim", 0)


@pytest.mark.parametrize("second", [release, drop])
@pytest.mark.parametrize("first", [release, drop])
def test_there_is_one_decision(first, second):
    row = one_held()
    first(row.pk, by="kim", note="", now=LATER)
    rates = ExchangeRate.objects.count()

    with pytest.raises(AlreadyDecided):
        second(row.pk, by="lee", note="", now=LATER)

    row.refresh_from_db()
    assert (row.decided_by, ExchangeRate.objects.count()) == ("kim", rates)


def test_what_is_not_there_cannot_be_released():
    with pytest.raises(AlreadyDecided):
        release(1, by="kim", note="", now=LATER)
