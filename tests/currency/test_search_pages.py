"""The search as a page, as a part of others, and as what htmx asks for with each key."""

import re

import pytest
from django.test import Client

from currency.models import Currency

pytestmark = pytest.mark.django_db


def sent(html: str) -> list[str]:
    """What the form would send as it stands: boxes that are ticked and not disabled."""
    return re.findall(r'name="countries" value="([A-Z]{2})"[^>]*checked>', html)


def test_a_question_without_script_gets_a_page_whose_results_can_be_chosen(client: Client):
    html = client.get("/search", {"q": "ㅇㅂ"}).content.decode()

    assert "<!doctype html>" in html
    assert '<input type="checkbox" name="countries" value="JP" form="choose"' in html
    assert 'href="/currencies/JPY"' in html
    assert 'formaction="/compare"' in html


def test_the_part_for_each_key_is_the_results_and_their_count_alone(client: Client):
    html = client.get("/search", {"q": "일본", "part": "results"}).content.decode()

    assert "<html" not in html
    assert "<form" not in html
    assert '<p id="found-count" hx-swap-oob="innerHTML">검색 결과: 나라 1곳, 통화 1개</p>' in html
    assert 'data-q="일본"' in html


def test_without_a_question_it_is_the_box_and_the_tray_for_another_page(client: Client):
    html = client.get("/search").content.decode()

    assert "<html" not in html
    assert html.count('id="choose"') == html.count('id="tray"') == html.count('id="q"') == 1
    # The destinations that come first are there to be ticked at once.
    assert re.findall(r'name="countries" value="([A-Z]{2})"', html)[:3] == ["JP", "VN", "CN"]


def test_an_empty_question_is_a_page_too(client: Client):
    response = client.get("/search", {"q": ""})

    assert response.status_code == 200
    assert "<!doctype html>" in response.content.decode()


def test_what_a_form_has_carried_along_stays_ticked_and_is_sent_once(client: Client):
    repeated = client.get("/search?q=태국&countries=JP&countries=TH").content.decode()
    in_one = client.get("/search?q=태국&countries=JP,TH").content.decode()

    assert sent(repeated) == sent(in_one) == ["JP", "TH"]
    # Thailand stands in the results as well, where it cannot be sent a second time.
    assert repeated.count('value="TH"') == 3


def test_more_than_five_are_told_so(client: Client):
    html = client.get("/search?q=&countries=JP,US,TH,VN,CN,PH").content.decode()

    assert "5곳까지 비교할 수 있습니다. 몇 곳의 체크를 풀어 주세요." in html


def test_nothing_found_says_what_can_be_typed(client: Client):
    html = client.get("/search", {"q": "<b>없는곳"}).content.decode()

    assert "“&lt;b&gt;없는곳”에 맞는 나라나 통화가 없습니다." in html


def test_english_is_complete(client: Client):
    html = client.get("/en/search", {"q": "dollar", "part": "results"}).content.decode()

    assert "United States" in html
    assert "Found: 10 countries, 8 currencies" in html
    assert not re.search(r"[가-힣]", html)


@pytest.mark.parametrize("query", [{"q": "a" * 61}, {"part": "everything"}, {"countries": "JP,XX"}])
def test_what_is_not_understood_is_refused_with_what_is(client: Client, query):
    response = client.get("/search", query)

    assert response.status_code == 400
    assert "이렇게 입력해 주세요" in response.content.decode()


def test_a_key_costs_no_query_once_destinations_and_currencies_are_remembered(
    client: Client, django_assert_num_queries
):
    with django_assert_num_queries(2):
        client.get("/search", {"q": "일", "part": "results"})

    with django_assert_num_queries(0):
        client.get("/search", {"q": "일본", "part": "results"})


def test_a_currency_that_operators_switch_off_is_not_found(client: Client):
    yen = Currency.objects.get(code="JPY")
    yen.is_active = False
    yen.save()

    html = client.get("/search", {"q": "엔", "part": "results"}).content.decode()

    assert "/currencies/JPY" not in html
    # The country stays: it is a destination.
    assert 'value="JP"' in html
