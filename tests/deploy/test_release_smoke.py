"""The candidate's examination, held against the application itself and against answers that are wrong."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import pytest
import time_machine

from deploy.release import smoke
from tests.factories import FRIDAY, cover, make_price

#: The Sunday after the newest rates that the factories make.
NOW = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def well(api: httpx.Client) -> Iterator[httpx.Client]:
    """The application with half a year of three currencies, prices of two countries and one selection."""
    for code in ("USD", "JPY", "EUR"):
        cover(date(2026, 2, 1), FRIDAY, code=code)
    make_price()
    make_price("JP", "480", "JPY")
    with time_machine.travel(NOW, tick=True):
        api.post("/api/v1/rankings/selections", json={"user_id": "somebody", "country_code": "JP"})
        yield api


def test_an_application_that_is_well_passes_every_question(well, settings):
    found = list(smoke.examine(well, commit=settings.COMMIT, now=NOW))

    assert [f"{each.name}: {each.detail}" for each in found if not each.ok] == []
    assert len(found) == 24
