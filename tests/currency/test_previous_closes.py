"""Several currencies' closes of the trading day before, read at once."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from currency import quotes
from tests.factories import FRIDAY, make_latest, make_observation, make_provider

NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)  # Friday evening
THURSDAY = date(2026, 10, 29)

pytestmark = pytest.mark.django_db


def latest(*codes: str, now: datetime = NOW):
    return quotes.latest(list(codes), "KRW", now)


def test_each_currency_has_its_own_providers_day_before(django_assert_num_queries):
    make_provider("ecos")
    make_latest(currency_code="USD")
    make_latest(currency_code="JPY", source="ecos", deal_base_rate="8.49")
    make_observation(rate_date=THURSDAY, deal_base_rate="1330")
    make_observation(rate_date=date(2026, 10, 28), deal_base_rate="1320")
    make_observation(rate_date=THURSDAY, currency_code="JPY", source="ecos", deal_base_rate="8.5")
    # Another's figure is not its day before.
    make_observation(rate_date=THURSDAY, currency_code="JPY", source="ecb", deal_base_rate="9")
    found = latest("USD", "JPY")

    with django_assert_num_queries(1):
        before = quotes.previous_closes(found.values())

    assert before == {"USD": Decimal(1330), "JPY": Decimal("8.5")}
    assert {code: quotes.previous_close(quote) for code, quote in found.items()} == before


def test_a_rate_of_a_week_end_is_compared_with_the_day_before_friday():
    make_provider("exchangerate_api")
    saturday = date(2026, 10, 31)
    make_latest(source="exchangerate_api", rate_date=saturday)
    for day, rate in ((FRIDAY, "1335.27"), (THURSDAY, "1330")):
        make_observation(source="exchangerate_api", rate_date=day, deal_base_rate=rate)
    found = latest("USD", now=datetime(2026, 10, 31, 3, 0, tzinfo=UTC))

    assert found["USD"].rate_date == saturday
    assert quotes.previous_closes(found.values()) == {"USD": Decimal(1330)}


def test_two_weeks_without_a_figure_are_no_day_before():
    make_latest()
    make_observation(rate_date=date(2026, 10, 15), deal_base_rate="1330")

    assert quotes.previous_closes(latest("USD").values()) == {}


def test_nothing_is_asked_for_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert quotes.previous_closes([]) == {}
