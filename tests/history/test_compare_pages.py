"""Countries side by side, as a browser is answered."""

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from config.pages import page as kept
from tests.factories import cover, make_bar, make_latest, make_observation, make_price

FRIDAY = date(2026, 10, 30)
WEEK = [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]


@pytest.fixture(autouse=True)
def _friday_evening(db: None) -> Iterator[None]:
    """The ECB's rate of Friday can be read; nothing is kept from another test."""
    kept.forget()
    with time_machine.travel(datetime(2026, 10, 30, 17, 0, tzinfo=UTC), tick=False):
        yield
    kept.forget()


def week(code: str, *closes: str) -> None:
    for day, close in zip(WEEK, closes, strict=True):
        make_bar(day, close, currency_code=code)
        make_observation(rate_date=day, deal_base_rate=close, currency_code=code)
    make_latest(currency_code=code, deal_base_rate=closes[-1])


@pytest.fixture
def moneys() -> None:
    week("USD", "1300", "1313", "1326", "1300", "1326")
    week("JPY", "8.50", "8.40", "8.50", "8.60", "8.50")
    make_price("KR", "5500", "KRW", usd_rate=Decimal(1375))
    make_price("JP", "480", "JPY")
    make_price("US", "6", "USD")
    make_price("VN", "75000", "VND", usd_rate=Decimal(25000))


def said(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", body)


def points(client, query: str) -> dict[str, Any]:
    page = client.get(f"/compare/chart?{query}").content.decode()
    told: dict[str, Any] = json.loads(html.unescape(re.search(r'data-chart="(.*?)"', page).group(1)))
    return told


def test_each_country_has_a_card_with_its_rate_as_koreans_say_it(client, moneys):
    page = said(client, "/compare?countries=JP,US")

    # The yen per hundred, from 860 to 850: 1.16 % less.
    assert "일본 일본 엔화 JPY" in page
    assert "850.00 원 / 100 JPY −1.16% 직전 거래일 대비" in page
    assert "1,326.00 원 / 1 USD +2.00% 직전 거래일 대비" in page
    assert "10월 30일 (금) 고시" in page


def test_prices_stand_in_local_money_in_won_and_against_home(client, moneys):
    page = said(client, "/compare?countries=JP,US")

    # 480 yen at 8.5: 4,080 won, 74.2 % of 5,500. Six dollars: 7,956 won, 144.7 %.
    assert "빅맥 JP¥480 약 ₩4,080" in page
    assert "a shop, 2026년 1월 · 9개월 전" in page
    assert "한국보다 26% 쌉니다 빅맥 기준" in page
    assert "US$6.00 약 ₩7,956" in page
    assert "한국보다 45% 비쌉니다 빅맥 기준" in page


def test_a_country_whose_money_nobody_publishes_has_a_card_of_its_own(client, moneys):
    page = said(client, "/compare?countries=VN,US")

    assert "베트남 동 VND" in page
    assert "고시 환율 없음" in page
    assert "₫75,000 약 ₩4,125 가격 조사 때의 환율로" in page
    assert "고시하는 출처가 없어 차트에 없는 통화: 베트남 동" in page


def test_nothing_to_draw_is_said_and_not_drawn(client, moneys):
    page = said(client, "/compare?countries=VN")

    assert "그릴 수 있는 추이가 없습니다" in page


def test_countries_with_one_money_share_a_line(client, moneys):
    week("EUR", "1500", "1500", "1515", "1500", "1515")

    data = points(client, "countries=FR,DE,US&period=1w")

    assert [line["label"] for line in data["lines"]] == ["유로 (프랑스, 독일)", "미국 달러 (미국)"]
    assert data["lines"][0]["values"] == [100, 100, 101, 100, 101]


def test_in_won_the_yen_is_drawn_per_hundred(client, moneys):
    data = points(client, "countries=JP&period=1w&scale=absolute")

    assert data["lines"][0]["values"] == [850, 840, 850, 860, 850]


def test_who_rose_and_who_moved_with_whom_is_told(client, moneys):
    page = said(client, "/compare/chart?countries=JP,US&period=1w")

    # The dollar 2 %, the yen 0. Daily log returns, thousandths: 9.95 9.85 −19.80 19.80 and −11.83 11.83 11.70
    # −11.70, so r = −0.4644 / √(0.882 × 0.5537).
    assert "원화에 대해 가장 강했던 통화는 미국 달러, 가장 약했던 통화는 일본 엔화입니다." in page
    assert page.index("미국 달러 (미국) +2.00%") < page.index("일본 엔화 (일본) 0.00%")
    assert "함께 움직이는 통화 JPY USD JPY = −0.66 USD −0.66 =" in page


def test_a_country_alone_has_nobody_to_move_with(client, moneys):
    assert "함께 움직이는 통화" not in said(client, "/compare/chart?countries=JP&period=1w")


def test_each_card_can_be_taken_out_and_the_rest_stays_as_it_is(client, moneys):
    page = client.get("/compare?countries=JP,US,TH&period=1y&scale=absolute").content.decode()

    assert 'href="/compare?countries=US,TH&amp;period=1y&amp;scale=absolute"' in page
    assert "일본 빼기" in page


def test_the_last_card_taken_out_leaves_the_question(client, moneys):
    assert re.search(r'class="remove" href="/compare"', client.get("/compare?countries=JP").content.decode())


@pytest.mark.parametrize(
    "query", ["countries=jp,us", "countries=JP&countries=US", "countries=JP,US,JP&countries="]
)
def test_countries_may_come_as_a_list_or_one_by_one(client, moneys, query):
    assert "일본 · 미국" in said(client, f"/compare?{query}")


def test_korea_is_what_the_others_are_held_against(client, moneys):
    page = said(client, "/compare?countries=KR,US")

    assert "다른 나라와 비교하는 기준입니다." in page
    assert "₩5,500" in page


@pytest.mark.parametrize(
    "query", ["countries=JP,US,TH,VN,FR,DE", "countries=XX", "countries=Japan", "countries=JP,,U"]
)
def test_too_many_countries_or_unknown_ones_are_told_what_is_accepted(client, moneys, query):
    page = said(client, f"/compare?{query}", 400)

    assert "쉼표로 나눈 국가 코드 1~5개" in page


@pytest.mark.parametrize(
    ("query", "accepted"), [("period=2y", "1w, 1m, 3m, 6m, 1y, 5y, max"), ("scale=log", "index, absolute")]
)
def test_a_question_that_makes_no_sense_is_told_what_would(client, moneys, query, accepted):
    assert accepted in said(client, f"/compare?countries=JP&{query}", 400)


@pytest.mark.parametrize("path", ["/compare", "/compare?countries=", "/compare?countries=,"])
def test_without_countries_one_is_asked_which(client, path):
    page = client.get(path).content.decode()

    assert "나라를 5곳까지 골라 보세요" in page
    assert "chart.js" not in page


@pytest.mark.parametrize("part", ["cards", "chart"])
def test_a_part_without_countries_has_nothing_to_show(client, part):
    assert client.get(f"/compare/{part}").status_code == 400


def test_english_is_complete(client, moneys):
    page = said(client, "/en/compare/chart?countries=JP,US,VN") + said(
        client, "/en/compare/cards?countries=JP,US,VN"
    )

    assert "49% dearer" not in page
    assert "45% dearer than Korea by Big Mac" in page
    assert not re.search("[가-힣]", page)


def test_today_is_marked_where_it_stands_in_the_year(client):
    cover(date(2026, 1, 1), FRIDAY, close="1300")
    make_bar(date(2025, 12, 31), "1200")

    page = client.get("/compare/cards?countries=US").content.decode()

    # One of 217 below, the others equal and by half: 50.2 %; 4 + 0.92 × 50.23 of the scale.
    assert 'cx="50.2%"' in page
    assert "지난 1년 중 보통" in page


def test_a_visit_makes_only_what_is_not_kept(client, moneys, django_assert_num_queries):
    # Cards: rates, two of the year, the days before, prices, rates for them, names. Chart: two, and names.
    with django_assert_num_queries(7):
        assert client.get("/compare/cards?countries=JP,US").status_code == 200
    with django_assert_num_queries(3):
        assert client.get("/compare/chart?countries=JP,US").status_code == 200

    with django_assert_num_queries(0):
        client.get("/compare/cards?countries=JP,US")
        client.get("/compare/chart?countries=JP,US")
