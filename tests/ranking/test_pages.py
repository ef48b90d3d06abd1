"""Rankings as pages: places, movement, tabs, empty and out; and the counting of pages that are opened."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client

from config.pages import page
from ranking import demo
from ranking.models import DailyCount, Selection
from tests.ranking.asking import NOON, select
from tests.ranking.outage import database_out

TODAY, YESTERDAY = date(2026, 11, 22), date(2026, 11, 21)
A_PERSON = {"Sec-Fetch-Dest": "document", "User-Agent": "Mozilla/5.0"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=True):
        yield


def counted(day: date, **scores: int) -> None:
    for country, score in scores.items():
        DailyCount.objects.create(
            selection_date=day, country_code=country, shard=0, selections=score, visitors=score
        )


def asked(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


# --- the ranking ---------------------------------------------------------------------------------


def test_places_are_told_with_share_and_movement(client):
    counted(YESTERDAY, US=9, JP=5, TH=4, VN=3)
    counted(TODAY, JP=6, US=3, TH=2, HK=1)

    html = asked(client, "/rankings")

    # Japan 2 → 1, the United States 1 → 2, Thailand stays third, Hong Kong is new.
    assert html.count('<span class="rise"><span class="visually-hidden">상승</span> 1</span>') == 1
    assert html.count('<span class="fall"><span class="visually-hidden">하락</span> 1</span>') == 1
    assert html.count('<span class="visually-hidden">순위 변동 없음</span>') == 1
    assert html.count('<span class="badge good">신규</span>') == 1
    # 6 of 12; its bar is the longest.
    assert "50.0%" in html
    assert 'width="100.00"' in html
    assert 'width="16.67"' in html
    assert "2026년 11월 22일" in html
    assert "한 방문자가 같은 나라를 여러 번 열어도 하루에 한 번만 셉니다." in html
    assert 'href="/about"' in html


def test_a_period_has_its_own_days(client):
    counted(YESTERDAY, US=9)

    daily, weekly = asked(client, "/rankings?period=daily"), asked(client, "/rankings?period=weekly")

    assert "오늘은 아직 선택된 나라가 없습니다" in daily
    assert "미국" not in daily
    assert "미국" in weekly
    assert "2026년 11월 16일 – 2026년 11월 22일" in weekly


def test_long_rankings_have_pages(client):
    from currency.models import Destination

    codes = list(Destination.objects.filter(is_active=True).values_list("country_code", flat=True))[:45]
    counted(TODAY, **{code: 100 - number for number, code in enumerate(codes)})

    first, last = asked(client, "/rankings"), asked(client, "/rankings?page=3")

    assert (first.count("<tr>"), last.count("<tr>")) == (1 + 20, 1 + 5)
    assert 'rel="next" href="?period=daily&amp;page=2"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev" href="?period=daily&amp;page=2"' in last
    assert "찾는 페이지가 없습니다" in asked(client, "/rankings?page=4", 404)


def test_a_word_that_is_no_period_is_refused(client):
    assert "daily, weekly, monthly" in asked(client, "/rankings?period=yearly", 400)


def test_the_part_for_other_pages_has_the_first_seven_and_tabs(client):
    counted(TODAY, **dict.fromkeys(("JP", "US", "TH", "VN", "CN", "PH", "TW", "HK"), 1))

    html = asked(client, "/rankings/popular?period=daily")

    assert "<html" not in html
    assert html.count("<li ") == 7
    assert 'href="/rankings?period=weekly"' in html
    assert 'hx-get="/rankings/popular?period=weekly"' in html
    assert "전체 순위 보기" in html


def test_a_choice_is_shown_at_once(client, api):
    assert "오늘은 아직 선택된 나라가 없습니다" in asked(client, "/rankings/popular")

    select(api, "JP")

    assert "일본" in asked(client, "/rankings/popular")


@pytest.fixture
def _store_out(transactional_db):
    with database_out():
        yield


@pytest.mark.usefixtures("_store_out")
def test_where_the_store_is_out_the_page_and_the_part_say_so(client):
    assert "잠시 뒤 다시 열립니다" in asked(client, "/rankings", 503)
    assert "지금은 순위를 읽을 수 없습니다" in asked(client, "/rankings/popular")


# --- counting ------------------------------------------------------------------------------------


def test_a_page_that_a_person_opens_counts_once(client):
    html = client.get("/rankings/chosen?countries=JP,US,TH", headers=A_PERSON).content.decode()

    assert "3개 나라를 오늘 순위에 반영했습니다." in html
    assert sorted(Selection.objects.values_list("country_code", flat=True)) == ["JP", "TH", "US"]
    assert client.get("/rankings/chosen?countries=JP,US,TH", headers=A_PERSON).content == b""
    assert Selection.objects.count() == 3


def test_it_counts_as_a_part_of_the_compare_page(client):
    html = client.get("/compare?countries=JP,US", headers=A_PERSON).content.decode()

    assert "2개 나라를 오늘 순위에 반영했습니다." in html
    assert Selection.objects.count() == 2


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Dest": "empty"}, {**A_PERSON, "Sec-Purpose": "prefetch;prerender"}]
)
def test_previews_crawlers_and_what_is_fetched_beforehand_do_not_count(client, headers):
    assert client.get("/compare?countries=JP,US", headers=headers).status_code == 200
    assert not Selection.objects.exists()


def test_pages_and_the_api_share_one_limit(client, api, settings):
    settings.REQUEST_LIMITS = {**settings.REQUEST_LIMITS, "selections": 3}
    client.get("/rankings/chosen?countries=JP,US", headers=A_PERSON)

    assert select(api, "TH").status_code == 201
    assert select(api, "VN").status_code == 429
    assert client.get("/rankings/chosen?countries=CN", headers=A_PERSON).content == b""
    assert Selection.objects.count() == 3


@pytest.mark.usefixtures("_store_out")
def test_a_store_that_is_out_fails_no_page(client):
    response = client.get("/rankings/chosen?countries=JP,US", headers=A_PERSON)

    assert (response.status_code, response.content) == (200, b"")


def test_what_is_no_country_fails_no_page(client):
    response = client.get("/rankings/chosen?countries=XX,%00,jp", headers=A_PERSON)

    assert "1개 나라를 오늘 순위에 반영했습니다." in response.content.decode()


def test_a_ranking_that_counts_made_up_choices_says_so(client):
    now = datetime.now(UTC)
    made_up = "만들어 낸 선택이 순위에 들어 있습니다."
    assert made_up not in asked(client, "/rankings?period=weekly")
    sum(demo.seed(demo.missing(now=now, visits=2), now=now))
    page.forget()

    assert made_up in asked(client, "/rankings?period=weekly")
    assert made_up in asked(client, "/rankings/popular?period=daily")
