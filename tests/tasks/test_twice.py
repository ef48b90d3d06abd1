"""A task may run twice: the second run changes nothing."""

from datetime import UTC, datetime

import pytest
from django.apps import apps

from config.celery import enqueue
from currency.models import ExchangeRate
from history.models import DailyRate
from tests.factories import make_latest, make_observation
from tests.tasks.stage import ECB, ecb_answer

TODAY = datetime.now(UTC).date()


def everything():
    """Every row of the tables of rates."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values())
        for label in ("currency", "history")
        for model in apps.get_app_config(label).get_models()
    }


@pytest.mark.django_db
def test_collecting_twice_stores_once(provider_server, settings):
    provider_server.plays(settings, "ecb")
    provider_server.answer(ECB, ecb_answer())

    enqueue("ingestor.collect", {"provider": "ecb"})
    once = everything()
    enqueue("ingestor.collect", {"provider": "ecb"})

    assert len(once["ExchangeRate"]) == 29
    assert everything() == once


@pytest.mark.django_db
def test_rebuilding_bars_twice_changes_them_once():
    make_observation(rate_date=TODAY, deal_base_rate="1335.27")
    make_latest(rate_date=TODAY, first_date=TODAY)
    assert not DailyRate.objects.exists()

    enqueue("history.rebuild_bars", {})
    once = everything()
    enqueue("history.rebuild_bars", {})

    assert [(bar["close"], bar["rate_date"]) for bar in once["DailyRate"]] == [
        (ExchangeRate.objects.get().deal_base_rate, TODAY)
    ]
    assert everything() == once


@pytest.mark.django_db(transaction=True)
def test_preparing_partitions_twice_changes_nothing():
    once = everything()

    enqueue("currency.prepare_partitions", {})
    enqueue("currency.prepare_partitions", {})

    assert everything() == once
