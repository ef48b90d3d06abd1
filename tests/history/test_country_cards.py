"""A country at a glance, from prices and rates worked out by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from history.country_cards import cards
from history.models import DailyRate
from tests.factories import cover, make_latest, make_observation, make_price

pytestmark = pytest.mark.django_db
#: Friday evening in Seoul, when the ECB's rate of the day can be read.
NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
THURSDAY, FRIDAY = date(2026, 10, 29), date(2026, 10, 30)


def dollars() -> None:
    """1,300 won on Thursday, 1,326 on Friday."""
    make_observation(rate_date=THURSDAY, deal_base_rate="1300")
    make_observation(rate_date=FRIDAY, deal_base_rate="1326")
    make_latest(deal_base_rate="1326")


def test_a_rate_is_told_with_what_it_has_moved_since_the_trading_day_before():
    dollars()
    [card] = cards(["US"], NOW)

    assert (card.country, card.currency) == ("US", "USD")
    assert card.quote.rate == Decimal(1326)
    assert card.change_percent == 2  # 26 of 1,300


def test_prices_are_told_in_won_at_todays_rate_and_against_home():
    dollars()
    make_price("KR", "5500", "KRW")
    make_price("US", "5.00", "USD", usd_rate=Decimal(1))
    make_price("KR", "4000", "KRW", item="starbucks_tall_latte")

    [card] = cards(["US"], NOW)

    # 5 × 1,326 = 6,630 won against 5,500: 120.545…
    assert card.bigmac.at_home == pytest.approx(Decimal(6630))
    assert not card.bigmac.is_as_published
    assert card.bigmac.age_months == 9
    assert card.level == pytest.approx(Decimal("120.545454"))
    assert card.difference == 21
    assert card.level_of == ("bigmac",)
    assert card.latte is None


def test_where_nobody_publishes_the_money_the_prices_own_rate_tells():
    make_price("KR", "5500", "KRW", usd_rate=Decimal(1375))
    make_price("VN", "75000", "VND", usd_rate=Decimal(25000))

    [card] = cards(["VN"], NOW)

    # 3 dollars against 4: three quarters of home, 4,125 won.
    assert card.quote is None
    assert card.standing is None
    assert card.bigmac.at_home == 4125
    assert card.bigmac.is_as_published
    assert card.difference == -25


def test_a_price_that_home_has_not_stands_alone():
    make_price("US", "4.15", "USD", item="starbucks_tall_latte", observed_on=date(2025, 9, 1))

    [card] = cards(["US"], NOW)

    assert card.latte.price.price == Decimal("4.15")
    assert card.latte.at_home is None
    assert card.latte.is_old
    assert (card.level, card.difference) == (None, None)


def test_home_is_a_card_without_a_rate():
    make_price("KR", "5500", "KRW")
    [card] = cards(["KR"], NOW)

    assert card.is_home
    assert card.quote is None
    assert card.bigmac.price.price == 5500


def test_today_stands_where_the_years_closes_say():
    cover(date(2026, 8, 3), FRIDAY, close="1300")
    DailyRate.objects.filter(rate_date=FRIDAY).update(high=1326, close=1326)

    [card] = cards(["US"], NOW)

    assert card.standing.percentile == 100.0
    assert card.standing.place == "dearest"
    assert card.standing.lowest.value == 1300


def test_a_currency_that_is_published_no_more_has_no_place_in_the_last_year():
    cover(date(2026, 6, 1), date(2026, 9, 30), code="THB", close="40")
    DailyRate.objects.filter(rate_date=date(2026, 6, 1)).update(high=45)
    make_latest()

    [card] = cards(["TH"], NOW)

    assert card.quote.freshness.state == "suspended"
    assert card.standing is None


def test_five_countries_take_six_queries(django_assert_num_queries):
    make_price("KR", "5500", "KRW")
    for country, code in (("US", "USD"), ("JP", "JPY"), ("TH", "THB"), ("GB", "GBP"), ("FR", "EUR")):
        cover(date(2026, 10, 1), FRIDAY, code=code)
        make_price(country, "5", code)

    # Newest rates, two for the year's closes, the days before, prices, their rates.
    with django_assert_num_queries(6):
        assert len(cards(["US", "JP", "TH", "GB", "FR"], NOW)) == 5
