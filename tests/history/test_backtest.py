"""How forecasts would have done: by hand, and on a walk whose truth is known."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from currency.models import Currency, LatestRate
from history.backtest import backtest, pooled_coverage, refresh, stored
from history.forecast import LEAST, METHOD, forecast
from history.models import ForecastBacktest
from tests.factories import FRIDAY, cover, make_bar, make_provider
from tests.history.conftest import AFTER_THE_FILE
from tests.history.test_forecast import days, walk


def test_a_score_counted_by_hand():
    # Sixty closes that swing by 1 % give a band of ±1.28 %; then +2 % (outside), back by 1 % (inside).
    prices = [100 * math.exp(0.01 * (at % 2)) for at in range(LEAST)]
    prices += [prices[-1] * math.exp(0.02), prices[-1] * math.exp(0.01)]

    [one, two] = backtest(days(len(prices)), np.array(prices), longest=5)

    assert (one.horizon, one.observations, one.coverage) == (1, 2, 0.5)
    # Two days ahead of the first origin the price is 1 % up: inside ±1.81 %.
    assert (two.horizon, two.observations, two.coverage) == (2, 1, 1.0)
    moves = [prices[-2] - prices[-3], prices[-2] - prices[-1]]
    assert one.mean_absolute_error == one.naive_mean_absolute_error == pytest.approx(sum(moves) / 2)
    assert (one.first_origin, one.last_origin, one.newest_date) == tuple(days(3))
    assert pooled_coverage([one, two]) == pytest.approx(2 / 3)


def test_each_origin_is_the_forecast_that_would_have_been_made_on_its_day():
    prices = walk(0.006, 200)

    scores = backtest(days(200), prices, longest=5)

    for score in scores:
        hits = []
        for origin in range(LEAST, 200 - score.horizon + 1):
            told = forecast(days(200)[:origin], prices[:origin], calendar="weekdays", count=score.horizon)[-1]
            hits.append(told.lower <= prices[origin - 1 + score.horizon] <= told.upper)
        assert score.observations == len(hits)
        assert score.coverage == pytest.approx(np.mean(hits))


def test_later_data_change_no_earlier_result():
    prices = walk(0.006, 400)
    # Afterwards it never moves again: no outcome of then can leave its band, and a variance that knew of it
    # would narrow the bands of before.
    prices[300:] = prices[299]

    before, [whole] = backtest(days(300), prices[:300])[0], backtest(days(400), prices, longest=1)

    inside = before.coverage * before.observations
    assert (before.observations, whole.observations) == (240, 340)
    assert inside < 240
    assert whole.coverage * whole.observations == pytest.approx(inside + 100)


@pytest.mark.parametrize("sigma", [0.0005, 0.006, 0.03])
def test_of_a_walk_with_normal_steps_the_band_holds_about_four_fifths(sigma):
    scores = {one.horizon: one for one in backtest(days(20_000), walk(sigma, 20_000))}

    assert len(scores) == 30
    assert scores[1].coverage == pytest.approx(0.8, abs=0.02)
    assert scores[10].coverage == pytest.approx(0.8, abs=0.03)


def test_too_little_history_has_no_scores():
    assert backtest(days(LEAST), walk(0.006, LEAST)) == []
    assert [one.horizon for one in backtest(days(LEAST + 2), walk(0.006, LEAST + 2))] == [1, 2]


# --- what is stored -------------------------------------------------------------------------------


@pytest.fixture
def _dollars(db):
    Currency.objects.exclude(code__in=("USD", "VND")).update(is_active=False)
    cover(date(2026, 6, 1), FRIDAY)


@pytest.mark.usefixtures("_dollars")
def test_a_night_stores_a_row_for_each_horizon_and_the_next_one_changes_nothing():
    assert refresh(AFTER_THE_FILE) == 1
    rows = list(ForecastBacktest.objects.order_by("horizon").values())
    assert refresh(AFTER_THE_FILE + timedelta(hours=6)) == 0

    assert list(ForecastBacktest.objects.order_by("horizon").values()) == rows
    assert [row["horizon"] for row in rows] == list(range(1, 31))
    assert {(row["currency_code"], row["base_code"], row["source"], row["method"]) for row in rows} == {
        ("USD", "KRW", "ecb", METHOD)
    }


@pytest.mark.usefixtures("_dollars")
def test_a_new_close_is_tested_and_replaces_what_was_stored():
    refresh(AFTER_THE_FILE)
    make_bar(date(2026, 11, 2), "1340")
    LatestRate.objects.update(rate_date=date(2026, 11, 2))

    assert refresh(AFTER_THE_FILE + timedelta(days=1)) == 1
    assert ForecastBacktest.objects.count() == 30
    assert set(ForecastBacktest.objects.values_list("newest_date", flat=True)) == {date(2026, 11, 2)}


@pytest.mark.usefixtures("_dollars")
def test_what_is_stored_is_told_while_it_is_of_this_method_and_not_old():
    refresh(AFTER_THE_FILE)

    told = stored(code="USD", base="KRW", source="ecb", newest=FRIDAY, longest=7)
    assert told is not None
    assert [one.horizon for one in told] == list(range(1, 8))
    assert stored(code="USD", base="KRW", source="ecos", newest=FRIDAY, longest=7) is None
    assert stored(code="USD", base="KRW", source="ecb", newest=date(2026, 11, 20), longest=7) is None
    ForecastBacktest.objects.update(method="another/1")
    assert stored(code="USD", base="KRW", source="ecb", newest=FRIDAY, longest=7) is None


@pytest.mark.usefixtures("_dollars")
def test_one_currency_that_fails_does_not_stop_the_others():
    Currency.objects.filter(code="VND").update(is_active=True, display_order=0)  # the first
    cover(date(2026, 6, 1), FRIDAY, code="VND", close="0.05", source="moon")
    make_provider("moon", calendar="full moons")  # which we do not know

    assert refresh(AFTER_THE_FILE) == 1


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("backtest_looks_ahead", {"horizon": 0}),
        ("backtest_has_observations", {"observations": 0}),
        ("backtest_coverage_is_a_share", {"coverage": 1.1}),
    ],
)
@pytest.mark.usefixtures("_dollars")
def test_an_impossible_row_is_refused_by_the_database(constraint, values):
    refresh(AFTER_THE_FILE)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        ForecastBacktest.objects.filter(horizon=30).update(**values)

    assert constraint in str(refused.value)


@pytest.mark.usefixtures("_dollars")
def test_a_pair_has_one_row_for_each_source_method_and_horizon():
    refresh(AFTER_THE_FILE)

    with pytest.raises(IntegrityError), transaction.atomic():
        ForecastBacktest.objects.filter(horizon=30).update(horizon=29)
