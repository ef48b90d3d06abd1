"""The rates people ask for: how they are told, how old they are said to be, and what they cost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from currency import destinations
from currency.models import Currency
from currency.rate_override import RateOverride
from history.rates_now import rates_now
from tests.factories import FRIDAY, cover, make_bar, make_observation, make_provider

FRIDAY_EVENING = "2026-10-30T17:00:00Z"
SUNDAY = "2026-11-01T03:00:00Z"
A_WEEK_LATER = "2026-11-06T03:00:00Z"
THURSDAY = date(2026, 10, 29)

pytestmark = pytest.mark.django_db


def told(client: Client, at: str, path: str = "/rates") -> str:
    with time_machine.travel(at):
        return client.get(path).content.decode()


@pytest.fixture
def yen() -> None:
    """100 yen at 849.13, the day before at 846.06."""
    cover(date(2026, 9, 1), FRIDAY, code="JPY", close="8.4913")
    make_observation(currency_code="JPY", deal_base_rate="8.4913")
    make_observation(currency_code="JPY", rate_date=THURSDAY, deal_base_rate="8.4606")
    make_provider("ecb", name_ko="유럽중앙은행")


def test_a_rate_is_told_per_hundred_with_its_change(client, yen):
    html = told(client, FRIDAY_EVENING)

    # 849.13 − 846.06 = 3.07; 3.07 / 846.06 = 0.3629 %.
    assert "849.13" in html
    assert "100 JPY" in html
    assert "+3.07 (+0.36%)" in html
    assert '<span class="change rise"><span class="visually-hidden">상승</span>' in html


def test_what_fell_is_blue_and_said_to_have_fallen(client):
    cover(date(2026, 9, 1), FRIDAY)
    make_observation(rate_date=THURSDAY, deal_base_rate="1337.29")

    html = told(client, FRIDAY_EVENING)

    # 1335.27 − 1337.29 = −2.02; 2.02 / 1337.29 = 0.1511 %.
    assert "−2.02 (−0.15%)" in html
    assert '<span class="change fall"><span class="visually-hidden">하락</span>' in html


def test_the_line_shows_the_trading_days_of_a_month(client, yen):
    html = told(client, FRIDAY_EVENING)

    with time_machine.travel(FRIDAY_EVENING):
        [rate] = rates_now(most=8, now=timezone.now())
    # 1 to 30 October 2026 has 22 weekdays.
    assert (rate.first, rate.last, len(rate.prices)) == (date(2026, 10, 1), FRIDAY, 22)
    assert html.count("<path") == 2
    assert "10월 1일 (목)부터 10월 30일 (금)까지" in html


@pytest.mark.parametrize(
    ("at", "words", "badge"),
    [
        (FRIDAY_EVENING, "유럽중앙은행 10월 30일 (금) 고시 기준", ""),
        (SUNDAY, "주말", ""),
        (A_WEEK_LATER, "", "지연"),
    ],
)
def test_how_old_a_rate_is_stands_under_it(client, yen, at, words, badge):
    html = told(client, at)

    assert words in html
    assert (f'<span class="badge warn">{badge}</span>' in html) == bool(badge)


def test_a_currency_without_a_day_before_says_so(client):
    cover(date(2026, 10, 30), FRIDAY)

    html = told(client, FRIDAY_EVENING)

    assert "비교할 직전 거래일이 없습니다" in html
    assert "<svg" not in html


def test_the_first_eight_that_have_a_rate_are_shown_in_display_order(client):
    codes = list(Currency.objects.filter(is_active=True).values_list("code", flat=True))
    assert codes[:3] == ["KRW", "USD", "JPY"]
    for code in codes[2:12]:
        cover(date(2026, 10, 26), FRIDAY, code=code, close="10")

    with time_machine.travel(FRIDAY_EVENING):
        shown = rates_now(most=8, now=timezone.now())

    assert [rate.quote.code for rate in shown] == codes[2:10]
    assert shown[0].quote.rate == Decimal(10)


def test_an_empty_service_says_that_nothing_has_come_in_yet(client):
    assert "아직 들어온 환율이 없습니다" in told(client, FRIDAY_EVENING)


def test_it_costs_six_queries_for_one_currency_and_for_eight(client, yen, django_assert_num_queries):
    destinations.active()
    with django_assert_num_queries(6):
        told(client, FRIDAY_EVENING, "/rates")

    for code in ("USD", "EUR", "CNY", "THB", "PHP", "HKD", "SGD"):
        cover(date(2026, 9, 1), FRIDAY, code=code, close="10")
        make_observation(currency_code=code, rate_date=THURSDAY, deal_base_rate="9")
    with django_assert_num_queries(6):
        html = told(client, FRIDAY_EVENING, "/en/rates")

    assert html.count("rate-card-head") == 8


def test_a_second_visitor_costs_none(client, yen, django_assert_num_queries):
    told(client, FRIDAY_EVENING)

    with django_assert_num_queries(0):
        told(client, FRIDAY_EVENING)


def test_it_can_be_added_where_its_home_is_a_destination(client, yen):
    make_bar(FRIDAY, "4.35", currency_code="KWD")
    cover(date(2026, 10, 1), THURSDAY, code="KWD", close="4350")

    html = told(client, FRIDAY_EVENING)

    assert 'value="JP" form="choose"' in html
    assert "쿠웨이트" in html
    assert 'value="KW"' not in html


def test_a_rate_set_by_hand_is_told_with_its_end_as_everywhere(client, yen):
    RateOverride.objects.create(
        currency_code="JPY",
        place="JPY",
        rate=Decimal("8.6"),
        reason="a test",
        set_by="operator",
        set_at=datetime(2026, 10, 30, 16, 0, tzinfo=UTC),
        expires_at=datetime(2026, 10, 31, 16, 0, tzinfo=UTC),
    )

    html = told(client, FRIDAY_EVENING)

    assert "860.00" in html
    assert "2026. 11. 1. 01:00까지 (서울)" in html


@pytest.mark.parametrize(
    ("percent", "shown"),
    [
        (Decimal("0.0051"), '<span class="rise">+0.01%</span>'),
        (Decimal("-0.0049"), '<span class="quiet">0.00%</span>'),
        (Decimal("-0.006"), '<span class="fall">−0.01%</span>'),
    ],
)
def test_an_arrow_stands_only_beside_a_change_that_can_be_read(percent, shown):
    assert render_to_string("history/_change.html", {"percent": percent}).strip() == shown
