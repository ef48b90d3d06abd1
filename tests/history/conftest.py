"""The whole shipped history, for the modules that look at all of it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from currency.models import ExchangeRate, LatestRate
from history.models import DailyRate
from ingestor.models import CollectionLog, Lease, Trigger
from ingestor.registry import fill_table
from ingestor.run import collect

#: Monday after the last day of the shipped file.
AFTER_THE_FILE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped_history(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Committed for the module, as `manage.py ingest --bundled` would leave it; gone afterwards."""
    with django_db_blocker.unblock():
        fill_table()
        try:
            assert collect("ecb", trigger=Trigger.BUNDLED, now=AFTER_THE_FILE).outcome == "data"
            yield
        finally:
            for model in (ExchangeRate, DailyRate, LatestRate, CollectionLog, Lease):
                model._default_manager.all().delete()
