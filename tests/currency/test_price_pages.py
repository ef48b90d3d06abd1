"""Where money goes furthest: places by hand, and how they are told."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.test import Client

from currency import destinations
from currency.price_ranking import NoPriceAtHome, price_ranking
from tests.factories import make_latest, make_price

# Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shops() -> None:
    """Korea 5,400 won; Japan 480 × 9 = 4,320; Viet Nam 3.04 of 4 dollars; the United States 6 × 1,440."""
    make_price("KR", "5400", "KRW", usd_rate=Decimal(1350))
    make_price("JP", "480", "JPY", usd_rate=Decimal(150))
    make_price("VN", "76000", "VND", usd_rate=Decimal(25000))
    make_price("US", "6", "USD", usd_rate=Decimal(1))
    make_price("OM", "1.43", "OMR")
    make_latest(currency_code="JPY", deal_base_rate="9")
    make_latest(currency_code="USD", deal_base_rate="1440")


def test_countries_have_places_and_home_is_one_of_them(shops, django_assert_num_queries):
    with django_assert_num_queries(2):
        told = price_ranking(item="bigmac", base="KR", now=NOW)

    assert [(each.rank, each.compared.there.country, int(each.index)) for each in told.places] == [
        (1, "VN", 76),
        (2, "JP", 80),
        (3, "KR", 100),
        (4, "US", 160),
    ]
    assert [one.there.country for one in told.unranked] == ["OM"]
    assert (told.home.price, len(told.compared)) == (Decimal(5400), 5)


def test_without_a_price_at_home_it_says_who_has_one(shops):
    with pytest.raises(NoPriceAtHome) as refused:
        price_ranking(item="bigmac", base="TH", now=NOW)

    assert refused.value.countries == ["JP", "KR", "OM", "US", "VN"]


def test_the_cheapest_are_told_in_won_with_their_basis_and_age(client: Client, shops):
    html = client.get("/cheapest").content.decode()

    # 76 % of 5,400 won, by the survey's own rate; 480 yen are 4,320 won today.
    assert "<strong>₩4,104</strong>" in html
    assert "<strong>₩4,320</strong>" in html
    assert html.count("조사 당시 환율") == 1
    assert "싼 순서로 4곳 가운데 한국은 3번째입니다." in html
    assert "2026년 1월 조사(9개월 전)" in html
    assert "환율은 2026년 10월 30일 고시 기준입니다." in html
    assert "a shop" in html
    # The longest bar is the dearest of those that are shown.
    assert '<rect class="cheap-share" width="100.00"' in html
    assert '<rect class="cheap-share" width="50.00"' in html


def test_home_stands_below_where_six_are_cheaper(client: Client, shops):
    for number, country in enumerate(("TH", "PH", "IN", "MY", "ID", "HK")):
        make_price(country, str(1000 + number), "KRW")

    html = client.get("/cheapest").content.decode()

    assert html.count("<li ") == 7
    assert '<li value="9" class="cheap-home">' in html
    assert 'value="KR"' not in html


def test_a_price_of_more_than_a_year_ago_is_marked(client: Client):
    make_price("KR", "5400", "KRW")
    make_price("JP", "480", "KRW", observed_on=date(2025, 7, 1))

    html = client.get("/cheapest").content.decode()

    assert html.count("1년 넘은 가격") == 1


def test_without_prices_it_says_so(client: Client):
    assert "아직 비교할 물가 자료가 없습니다" in client.get("/cheapest").content.decode()


def test_a_visit_costs_two_queries_and_the_next_none(client: Client, shops, django_assert_num_queries):
    destinations.active()
    with django_assert_num_queries(2):
        client.get("/cheapest")

    with django_assert_num_queries(0):
        client.get("/cheapest")
