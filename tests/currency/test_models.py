"""currency.models: what the database itself does not let in."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from currency.models import ExchangeRate
from tests.factories import FRIDAY, make_latest, make_observation

pytestmark = pytest.mark.django_db


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
