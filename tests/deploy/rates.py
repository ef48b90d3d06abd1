"""Enough to answer with: a dollar and a yen for a year, and what a burger costs in two countries."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from currency.models import LatestRate, PriceObservation, Provider
from history.models import DailyRate
from tests.factories import cover, make_price

#: A provider that no migration makes, so that what is published here can be withdrawn.
SOURCE = "rehearsal"


def publish() -> None:
    """Written into the database of whoever calls. The newest rates are of yesterday, UTC."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with transaction.atomic():
        cover(yesterday - timedelta(days=365), yesterday, source=SOURCE, code="USD", close="1335.27")
        cover(yesterday - timedelta(days=365), yesterday, source=SOURCE, code="JPY", close="9.46")
        make_price("KR", "5500", "KRW", source=SOURCE)
        make_price("JP", "480", "JPY", source=SOURCE)


def withdraw() -> None:
    for table in (DailyRate, LatestRate, PriceObservation):
        table.objects.filter(source=SOURCE).delete()
    Provider.objects.filter(key=SOURCE).delete()
