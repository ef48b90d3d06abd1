"""The trip card. Figures by hand, at 8 won a yen and 1,000 won a dollar."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine

from currency.trip_card import steps
from tests.factories import make_latest, make_price, make_provider

# Saturday 31 October 2026, 08:30 in Seoul.
SATURDAY = datetime(2026, 10, 30, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _saturday():
    with time_machine.travel(SATURDAY, tick=False):
        yield


@pytest.fixture(autouse=True)
def _three_rates(db):
    for code, rate in {"USD": "1000", "JPY": "8", "EUR": "1600"}.items():
        make_latest(currency_code=code, deal_base_rate=rate)
    make_provider("ecb", name_ko="유럽중앙은행", name_en="European Central Bank")


def words(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shown(client, query="", path="/trip"):
    answer = client.get(f"{path}{query}")
    assert answer.status_code == 200
    return words(answer.content.decode())


def countries(client, query=""):
    return re.findall(r'id="trip-(\w\w)"', client.get(f"/trip{query}").content.decode())


def test_a_card_tells_round_sums_in_won_and_round_sums_of_won(client):
    told = shown(client, "?countries=JP")

    assert "🇯🇵 일본 100 JPY = 800.00 원" in told
    assert "100 800 200 1,600 500 4,000 1,000 8,000 2,000 16,000 5,000 40,000 10,000 80,000" in told
    assert "1,000 125 5,000 625 10,000 1,250 50,000 6,250 100,000 12,500" in told


@pytest.mark.parametrize(
    ("won_for_one", "first", "last"),
    [
        ("1335.27", 1, 100),  # dollar
        ("8.49", 100, 10_000),  # yen
        ("0.0531", 10_000, 1_000_000),  # dong
        ("39.59", 10, 1_000),  # baht
        ("4350", 1, 100),  # Kuwaiti dinar
    ],
)
def test_the_sums_are_those_one_has_in_hand_there(won_for_one, first, last):
    assert (steps(Decimal(won_for_one))[0], steps(Decimal(won_for_one))[-1]) == (first, last)


def test_a_card_tells_its_source_and_when_it_was_saved(client):
    html = client.get("/trip?countries=US").content.decode()

    assert "유럽중앙은행 10월 30일 (금) 고시 기준 · 주말" in words(html)
    assert (
        '이 카드는 <time datetime="2026-10-30T23:30:00+00:00" data-saved>2026. 10. 31. 08:30</time>(서울)에'
        in html
    )


def test_a_burger_is_told_where_its_price_is_known(client):
    make_price("JP", "480", "JPY")

    told = shown(client, "?countries=JP,US")

    assert told.count("빅맥") == 1
    assert "빅맥 JP¥480 ≈ ₩3,840 2026년 1월" in told


def test_who_chooses_nothing_gets_the_first_destinations_with_a_rate_one_for_each_money(client):
    # Viet Nam, China and others come before, and have none here; France comes after the euro area.
    assert countries(client) == ["JP", "US", "EU"]


def test_the_order_is_that_of_the_address_and_each_country_is_told_once(client):
    assert countries(client, "?countries=us,JP,US,FR") == ["US", "JP", "FR"]


def test_a_country_without_a_rate_and_home_are_told_in_words(client):
    told = shown(client, "?countries=VN,KR")

    assert "🇻🇳 베트남 베트남 동 지금 수집하는 공식 출처 가운데 이 통화를 고시한 곳이 없습니다." in told
    assert "원화를 쓰는 곳입니다." in told


def test_ticked_boxes_are_led_to_the_address_of_the_card(client):
    answer = client.get("/trip?countries=JP&countries=TH")

    assert (answer.status_code, answer["Location"]) == (302, "/trip?countries=JP,TH")


def test_the_form_has_the_countries_of_the_card_ticked(client):
    html = client.get("/trip?countries=JP,ZW").content.decode()

    assert re.findall(r'value="(\w\w)" checked', html) == ["JP", "ZW"]


@pytest.mark.parametrize(
    "query", ["XX", "JP,", "japan", ",".join(f"{a}{b}" for a in "JKUV" for b in "PRSN" * 2)]
)
def test_what_is_no_country_is_refused_with_what_is_accepted(client, query):
    answer = client.get("/trip", {"countries": query})

    assert answer.status_code == 400
    assert "JP,TH" in answer.content.decode()


def test_the_word_of_being_offline_is_there_and_hidden(client):
    # The service worker takes exactly this text away.
    assert '<div class="offline" role="status" data-offline hidden>' in client.get("/trip").content.decode()


def test_the_card_is_whole_in_english(client):
    told = shown(client, "?countries=JP", path="/en/trip")

    assert "🇯🇵 Japan 100 JPY = 800.00 won" in told
    assert "This card was saved at Oct 31, 2026 08:30 (Seoul)" in told
    assert not re.search("[가-힣]", told.replace("한국어", ""))


def test_the_card_asks_the_database_three_times(client, django_assert_num_queries):
    client.get("/trip")  # which destinations are active is remembered

    with django_assert_num_queries(3):
        client.get("/trip?countries=JP,US")
