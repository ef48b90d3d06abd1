"""The convert page. Figures by hand, at 1,000 won a dollar and 8 won a yen."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from currency.models import PaymentChannel, RateOverride
from tests.factories import make_channel, make_latest, make_provider, make_terms

# Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
FRIDAY_EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        yield


@pytest.fixture(autouse=True)
def _two_rates_and_no_channels(db):
    PaymentChannel.objects.all().delete()
    make_latest(currency_code="USD", deal_base_rate="1000")
    make_latest(currency_code="JPY", deal_base_rate="8")
    make_provider("ecb", name_ko="유럽중앙은행", name_en="European Central Bank")


def shown(client, status=200, **asked):
    answer = client.get("/convert", {name.rstrip("_"): value for name, value in asked.items()})
    assert answer.status_code == status, answer.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def markup(client, path="/convert", **asked):
    return client.get(path, {name.rstrip("_"): value for name, value in asked.items()}).content.decode()


def field(html, name):
    [value] = re.findall(rf'<input id="{name}"[^>]* value="([^"]*)"', html)
    return value


# --- the base rate ----------------------------------------------------------------------------


def test_an_amount_is_told_in_both_moneys_with_who_published_the_rate_and_when(client):
    told = shown(client, from_="KRW", to="JPY", amount="1000000")

    assert "₩1,000,000 = JP¥125,000" in told
    assert "매매기준율 100 JPY = 800.00 KRW" in told
    assert "유럽중앙은행 10월 30일 (금) 고시 기준 · 최신" in told


def test_a_rate_that_operators_have_set_is_told_as_theirs_with_its_end(client):
    RateOverride.objects.create(
        currency_code="USD",
        place="USD",
        rate=1250,
        reason="a fault at the source",
        set_at=FRIDAY_EVENING,
        set_by="operator",
        expires_at=FRIDAY_EVENING + timedelta(hours=2),
    )

    told = shown(client, from_="USD", to="KRW", amount="2")

    assert "US$2.00 = ₩2,500 직접 지정한 환율 1 USD = 1,250.00 KRW" in told
    assert "2026. 10. 31. 04:00까지 (서울)" in told


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2026, 10, 31, 3, tzinfo=UTC), "주말"),
        # Monday noon in Seoul; the ECB speaks in the evening.
        (datetime(2026, 11, 2, 3, tzinfo=UTC), "다음 고시 전"),
        (datetime(2026, 11, 5, 3, tzinfo=UTC), "새 고시가 늦어지고 있음"),
    ],
)
def test_how_old_the_rate_is_is_told_in_words(client, now, words):
    with time_machine.travel(now, tick=False):
        assert f"고시 기준 · {words} " in shown(client, from_="KRW", to="USD", amount="1000")


def test_what_one_wants_is_turned_into_what_it_takes(client):
    html = markup(client, from_="KRW", to="USD", receive="30")

    assert (field(html, "amount"), field(html, "receive")) == ("30,000", "30")


def test_two_foreign_moneys_are_crossed_and_no_channel_is_made_up(client):
    told = shown(client, from_="USD", to="JPY", amount="2")

    assert "US$2.00 = JP¥250" in told
    assert "재정환율 1 USD = 125.00 JPY" in told
    assert "국내 창구, 앱, 카드는 외화를 원화와만 바꿔 줍니다." in told


def test_a_sum_below_the_smallest_coin_is_still_told(client):
    assert "₩5 = US$0.005 " in shown(client, from_="KRW", to="USD", amount="5")


def test_who_asks_for_nothing_sees_a_million_won(client):
    assert "₩1,000,000 = US$1,000.00" in shown(client)


def test_a_money_without_a_rate_is_told_as_such_and_no_figure_is_made_up(client):
    told = shown(client, from_="KRW", to="VND", amount="1000")

    assert "베트남 동 환율이 아직 없습니다" in told
    assert "₩" not in told


def test_two_moneys_that_no_single_source_publishes_are_told_as_such(client):
    make_latest(source="ecos", currency_code="VND", deal_base_rate="0.05")

    told = shown(client, from_="USD", to="VND", amount="1")

    assert "USD와 VND를 함께 고시하는 출처가 없습니다" in told


# --- channels ---------------------------------------------------------------------------------


def test_channels_stand_side_by_side_the_best_first_with_what_they_cost(client):
    make_terms(make_channel("counter", name_ko="창구"))
    make_terms(make_channel("card", name_ko="카드", kind="travel_card"), buy_spread_percent=0)

    told = shown(client, from_="KRW", to="USD", amount="1017500")

    assert told.index("카드 트래블 카드 가장 유리 US$1,017.50") < told.index("창구 창구 현찰 US$1,000.00")
    # 17,500 of 1,017,500 won; 1,000 dollars are bought back at 982.5.
    assert "1 USD당 1,017.50원 (비용 포함) 기준율보다 ₩17,500 더 듭니다 (1.72%)" in told
    assert "다시 원화로 바꾸면 ₩982,500, ₩35,000 손해 (3.44%)" in told
    assert "가장 유리한 방법과 가장 비싼 방법의 차이는 ₩17,500 입니다." in told


def test_a_bar_is_as_long_as_the_part_of_the_dearest_cost(client):
    for name, spread in {"dear": "25", "half": "11.1111", "none": "0"}.items():
        make_terms(make_channel(name), buy_spread_percent=spread)

    bars = re.findall(r'bar-cost" width="([\d.]+)"', markup(client, from_="KRW", to="USD", amount="1000"))

    # 0, then 11.1111 / 111.1111 = 10 % of the amount against 25 / 125 = 20 %.
    assert bars == ["0.0", "50.0", "100.0"]


def test_a_wanted_amount_is_told_as_what_each_channel_takes_for_it(client):
    # (1.75 % over 1,000 won) × 100 dollars; the card takes 1 % and 500 won besides.
    make_terms(make_channel("counter", name_ko="창구"))
    make_terms(
        make_channel("card", name_ko="카드", kind="credit_card"),
        buy_spread_percent=0,
        fee_percent=1,
        fee_fixed=500,
    )

    told = shown(client, from_="KRW", to="USD", receive="100")

    assert "US$100.00을 받으려면 실제로 드는 돈" in told
    assert told.index("카드 신용·체크카드 가장 유리 ₩101,500") < told.index("창구 창구 현찰 ₩101,750")


def test_won_that_are_wanted_take_more_of_a_foreign_money_where_it_is_sold_dear(client):
    make_terms(make_channel("counter", name_ko="창구"), sell_spread_percent=20)

    told = shown(client, from_="USD", to="KRW", receive="80000")

    assert "창구 창구 현찰 US$100.00" in told
    assert "기준율보다 ₩20,000 더 듭니다 (20.00%)" in told


def test_a_discount_is_put_to_channels_that_take_one(client):
    make_terms(make_channel("counter"))

    told = shown(client, from_="KRW", to="USD", amount="1008750", discount="50")

    assert "US$1,000.00" in told
    assert "적용한 환율우대 50.0%" in told


def test_terms_tell_their_source_and_day_and_whether_they_are_old(client):
    make_terms(make_channel("new"), source_name="은행 공시")
    make_terms(make_channel("old"), as_of=date(2025, 10, 1), buy_spread_percent=3)

    html = markup(client, from_="KRW", to="USD", amount="1000")

    assert '<a href="https://bank.example/fees" rel="noopener external">은행 공시</a>' in html
    assert "2026년 10월 30일 조건" in html
    assert html.count("1년 넘은 조건") == 1
    assert html.index("2025년 10월 1일 조건") < html.index("1년 넘은 조건")


def test_a_channel_without_an_offer_says_why(client):
    make_channel("counter", name_ko="창구")

    told = shown(client, from_="KRW", to="USD", amount="1000")

    assert (
        "견적이 없는 방법 1가지 창구 창구 현찰 이 방법이 USD에 매기는 조건 가운데 출처가 있는 것이 없습니다."
        in told
    )


# --- what cannot be read ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "amount",
    ["abc", "-5", "0", "1,00", "1e5", "Infinity", "99999999999999", "십만", "9" * 400, "1.12345678901"],
)
def test_what_is_no_amount_is_said_beside_the_field_and_kept(client, amount):
    answer = client.get("/convert", {"from": "KRW", "to": "USD", "amount": amount})

    html = answer.content.decode()
    assert answer.status_code == 400
    assert field(html, "amount").replace(",", "") == amount.replace(",", "")
    assert re.search(r'id="wrong-amount"[^>]*>이렇게 입력해 주세요: 0보다 크고 1,000,000,000,000 이하', html)
    assert re.search(r'<input id="amount"[^>]* aria-invalid="true"', html)


@pytest.mark.parametrize(
    ("asked", "beside"),
    [
        ({"from": "KRW", "to": "KRW", "amount": "1"}, "to"),
        ({"from": "XYZ", "to": "KRW", "amount": "1"}, "from"),
        ({"from": "KRW", "to": "US", "amount": "1"}, "to"),
        ({"from": "KRW", "to": "USD", "receive": "x"}, "receive"),
        ({"from": "KRW", "to": "USD", "amount": "1", "discount": "101"}, "discount"),
        ({"from": "KRW", "to": "USD", "amount": ""}, "amount"),
    ],
)
def test_what_is_wrong_is_said_beside_its_own_field(client, asked, beside):
    answer = client.get("/convert", asked)

    said = dict(re.findall(r'class="wrong" id="wrong-(\w+)"[^>]*>([^<]*)<', answer.content.decode()))
    assert (answer.status_code, answer["Cache-Control"]) == (400, "no-store")
    assert set(said) == {"amount", "from", "receive", "to", "discount"}
    assert {name for name, words in said.items() if words} == {beside}


def test_a_part_of_the_page_tells_what_is_wrong_without_being_an_error(client):
    answer = client.get("/convert", {"from": "KRW", "to": "USD", "amount": "x", "part": "result"})

    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'data-wrong="amount"' in html
    assert "<html" not in html


def test_markup_in_a_field_stays_text(client):
    html = markup(client, from_="KRW", to="USD", amount='"><script>alert(1)</script>')

    assert "<script>alert" not in html


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "led_to"),
    [
        # The received amount was the page's own: the given one is asked for.
        ({"amount": "2,000", "receive": "1.00", "shown": "receive=1.00"}, {"amount": "2000"}),
        # It was changed: that is what is wanted.
        ({"amount": "1,000", "receive": "5", "shown": "receive=1.00"}, {"receive": "5"}),
        ({"amount": "1,000", "receive": "5", "shown": "amount=1,000"}, {"receive": "5"}),
        ({"amount": "7", "receive": "5", "shown": "amount=1,000"}, {"amount": "7"}),
        ({"amount": "7", "receive": "", "shown": "receive=", "discount": ""}, {"amount": "7"}),
        ({"amount": "7", "receive": "5"}, {"amount": "7"}),
        ({"amount": "7", "receive": "5", "shown": "rubbish"}, {"receive": "5"}),
        ({"amount": " 1,000,000.50 "}, {"amount": "1000000.50"}),
    ],
)
def test_a_form_without_scripts_is_led_to_the_address_of_its_result(client, sent, led_to):
    answer = client.get("/convert", {"from": "KRW", "to": "USD", **sent})

    address = urlsplit(answer["Location"])
    assert (answer.status_code, address.path) == (302, "/convert")
    assert {name: values[0] for name, values in parse_qs(address.query).items()} == {
        "from": "KRW",
        "to": "USD",
        **led_to,
    }
    assert client.get(answer["Location"]).status_code == 200


def test_the_swap_leads_to_the_same_amounts_seen_from_the_other_side(client):
    html = markup(client, from_="KRW", to="USD", amount="1000", discount="50")

    assert 'href="/convert?from=USD&amp;to=KRW&amp;receive=1000&amp;discount=50"' in html


def test_the_page_is_whole_in_english(client):
    make_terms(make_channel("counter", name_en="Counter"))

    told = markup(client, "/en/convert", from_="KRW", to="USD", amount="1017500")

    assert "European Central Bank, rate of Fri, Oct 30 · the newest" in told
    assert "<b>₩17,500</b> dearer than the base rate (1.72%)" in told
    assert not re.search("[가-힣]", re.sub("한국어", "", told))


def test_the_page_asks_the_database_five_times(client, django_assert_num_queries):
    make_terms(make_channel("counter"))
    client.get("/convert")  # which destinations and currencies are active is remembered

    with django_assert_num_queries(5):
        client.get("/convert", {"from": "KRW", "to": "USD", "amount": "1"})
