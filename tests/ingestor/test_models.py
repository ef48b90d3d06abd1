"""ingestor.models: what the database itself refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import OperationalError

from ingestor.models import CollectionLog, Lease, ProviderCircuit, QuarantinedRate
from tests.ingestor.observations import FRIDAY, NOW, fixed_on

pytestmark = pytest.mark.django_db


def run(**told):
    valid = {
        "provider": "ecb",
        "correlation_id": "a" * 32,
        "trigger": "command",
        "outcome": "data",
        "started_at": NOW,
        "ended_at": NOW,
        "duration_ms": 0,
    }
    return CollectionLog(**valid | told)


def held(**told):
    valid = {
        "source": "ecos",
        "currency_code": "USD",
        "recorded_at": fixed_on(FRIDAY),
        "rate_date": FRIDAY,
        "deal_base_rate": 1336,
        "published_base": "USD",
        "published_quote": "KRW",
        "published_rate": "1336",
        "fetched_at": NOW,
        "reason": "moved",
        "held_at": NOW,
    }
    return QuarantinedRate(**valid | told)


OPEN = {"outcome": "running", "ended_at": None, "duration_ms": None}


@pytest.mark.parametrize(
    "row",
    [
        run(),
        run(**OPEN),
        run(outcome="no_data", same_count=3),
        run(outcome="failure", error="status 503"),
        held(),
        held(state="dropped", decided_at=NOW, decided_by="kim"),
    ],
)
def test_valid_rows_are_taken(row):
    row.save()

    assert type(row).objects.count() == 1


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        (run(trigger="cron"), "run_trigger_is_known"),
        (run(outcome="success"), "run_outcome_is_known"),
        (run(ended_at=None), "run_ends_with_an_outcome"),
        (run(duration_ms=None), "run_ends_with_an_outcome"),
        (run(outcome="running"), "run_ends_with_an_outcome"),
        (run(ended_at=NOW - timedelta(seconds=1)), "run_ends_after_start"),
        (run(outcome="failure"), "run_fails_with_a_reason"),
        (run(error="status 503"), "run_fails_with_a_reason"),
        (run(outcome="no_data", new_count=1), "run_without_data_has_none"),
        (run(outcome="no_data", revised_count=1), "run_without_data_has_none"),
        (held(deal_base_rate=0), "held_rate_is_positive"),
        (held(published_unit=0), "held_unit_is_positive"),
        (held(reason=""), "held_value_has_a_reason"),
        (held(state="lost", decided_at=NOW, decided_by="kim"), "held_state_is_known"),
        (held(state="released", decided_at=NOW), "held_value_is_decided_by_somebody"),
        (held(state="released", decided_by="kim"), "held_value_is_decided_by_somebody"),
        (held(decided_by="kim"), "held_value_is_decided_by_somebody"),
        (ProviderCircuit(key="ecb", state="ajar"), "circuit_state_is_known"),
    ],
)
def test_the_database_refuses_what_cannot_be(row, constraint):
    with pytest.raises((IntegrityError, OperationalError), match=constraint), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ([run(), run()], "correlation_id"),
        ([held(), held(tts=1400)], "held_value_is_unique|quarantined_rates.currency_code"),
    ],
)
def test_the_database_refuses_the_same_twice(rows, key):
    rows[0].save()
    with pytest.raises(IntegrityError, match=key), transaction.atomic():
        rows[1].save()


def test_a_provider_has_one_lease():
    Lease.objects.create(provider="ecb", expires_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lease.objects.create(provider="ecb", expires_at=NOW)
