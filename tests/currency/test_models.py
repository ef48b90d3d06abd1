"""currency.models: what the database itself does not let in."""

import importlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from currency.models import ChannelTerms, ExchangeRate, LatestRate, PaymentChannel, PriceObservation
from tests.factories import FRIDAY, make_latest, make_observation, make_provider

pytestmark = pytest.mark.django_db

FETCHED = datetime(2026, 10, 30, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("observation_rate_is_positive", {"deal_base_rate": "0"}),
        ("observation_rate_is_positive", {"deal_base_rate": "-1335.27"}),
        ("observation_tts_is_above", {"deal_base_rate": "1335.27", "tts": "1335.26"}),
        ("observation_ttb_is_below", {"deal_base_rate": "1335.27", "ttb": "1335.28"}),
        ("observation_ttb_is_below", {"deal_base_rate": "1335.27", "ttb": "0"}),
        ("observation_unit_is_positive", {"published_unit": 0}),
    ],
)
def test_an_impossible_observation_is_refused_by_the_database(constraint, values):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        make_observation(**values)

    assert constraint in str(refused.value)


def test_one_fixing_has_one_observation_of_each_revision():
    first = make_observation()

    with pytest.raises(IntegrityError), transaction.atomic():
        make_observation()
    make_observation(revision=1)

    assert ExchangeRate.objects.filter(recorded_at=first.recorded_at).count() == 2


def test_a_provider_has_one_newest_rate_of_a_currency():
    make_latest()

    with pytest.raises(IntegrityError), transaction.atomic():
        make_latest(rate_date=FRIDAY - timedelta(days=1))


def test_a_correction_comes_before_the_figure_it_corrects():
    make_observation(deal_base_rate="1300")
    make_observation(deal_base_rate="1335.27", revision=1)
    make_observation(deal_base_rate="1290", rate_date=FRIDAY - timedelta(days=1))

    revisions = [(row.rate_date, row.revision) for row in ExchangeRate.objects.of(["USD"]).newest_first()]

    assert revisions == [(FRIDAY, 1), (FRIDAY, 0), (FRIDAY - timedelta(days=1), 0)]


def test_days_are_read_with_their_own_fixings_and_no_others():
    for day in range(5):
        make_observation(rate_date=FRIDAY - timedelta(days=day))

    read = ExchangeRate.objects.published_between(FRIDAY - timedelta(days=3), FRIDAY - timedelta(days=1))

    assert {row.rate_date for row in read} == {FRIDAY - timedelta(days=day) for day in (1, 2, 3)}


def test_a_rate_keeps_ten_decimals():
    # A Turkish lira of 2004 was 0.0008 won: eight decimals would leave it five digits.
    stored = make_observation(currency_code="TRL", deal_base_rate="0.0008123456")

    assert str(ExchangeRate.objects.get(pk=stored.pk).deal_base_rate) == "0.0008123456"


def test_newest_rates_come_with_their_provider_the_most_believed_first():
    make_latest(source="ecb", currency_code="RUB", rate_date=date(2022, 3, 1))
    make_latest(source="ecb")
    make_latest(source="ecos", rate_date=date(2026, 10, 29))
    make_latest(source="exchangerate_api")
    make_provider("exchangerate_api", is_enabled=False)

    rows: list[Any] = list(LatestRate.objects.believed())  # annotated
    told = [(row.provider.key, row.currency_code, row.provider_newest) for row in rows]

    assert sorted(told[1:]) == [("ecb", "RUB", FRIDAY), ("ecb", "USD", FRIDAY)]
    assert told[0] == ("ecos", "USD", date(2026, 10, 29))


def test_rates_of_before_the_column_are_given_their_time_of_fetching():
    make_observation(fetched_at=FETCHED - timedelta(hours=1))
    make_observation(fetched_at=FETCHED, revision=1)
    make_latest(fetched_at=FETCHED + timedelta(days=9))
    make_latest(currency_code="VND", fetched_at=FETCHED + timedelta(days=9))  # its observation was dropped

    importlib.import_module("currency.migrations.0004_freshness_prices_channels").fill(apps, None)

    assert sorted(LatestRate.objects.values_list("currency_code", "fetched_at")) == [
        ("USD", FETCHED),
        ("VND", FETCHED + timedelta(days=9)),
    ]


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("price_is_positive", {"price": 0}),
        ("price_usd_rate_is_positive", {"usd_rate": -1}),
        ("price_has_a_source", {"source": ""}),
        ("price_has_a_source", {"source_url": ""}),
    ],
)
def test_an_impossible_price_is_refused_by_the_database(constraint, values):
    row = {"country_code": "KR", "item": "bigmac", "price": 5500, "currency_code": "KRW"}
    row |= {
        "observed_on": FRIDAY,
        "source": "bigmac",
        "source_url": "https://example.org",
        "fetched_at": FETCHED,
    }

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        PriceObservation.objects.create(**{**row, **values})

    assert constraint in str(refused.value)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("channel_spreads_are_percent", {"buy_spread_percent": -1}),
        ("channel_spreads_are_percent", {"sell_spread_percent": 100}),
        ("channel_fees_are_not_negative", {"fee_percent": -1}),
        ("channel_fees_are_not_negative", {"fee_fixed": -1}),
        ("channel_discount_is_percent", {"discount_percent": 101}),
        ("channel_terms_have_a_source", {"source_url": ""}),
    ],
)
def test_impossible_terms_are_refused_by_the_database(constraint, values):
    channel = PaymentChannel.objects.create(
        key="window", name_ko="창구", name_en="Window", kind="cash_counter"
    )
    row = {"channel": channel, "buy_spread_percent": "1.75", "as_of": FRIDAY}
    row |= {"source_name": "a bank", "source_url": "https://example.org"}

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        ChannelTerms.objects.create(**{**row, **values})

    assert constraint in str(refused.value)
