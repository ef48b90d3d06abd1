"""A currency's page, its parts and its file, as a browser is answered."""

import csv
import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine

from config.pages import page as kept
from currency.models import ExchangeRate, RateOverride
from currency.schedule import publishes_on
from history.models import DailyRate
from tests.factories import (
    a_bar,
    an_observation,
    cover,
    make_bar,
    make_latest,
    make_observation,
    make_provider,
)

FRIDAY = date(2026, 10, 30)


@pytest.fixture(autouse=True)
def _friday_evening(db: None) -> Iterator[None]:
    """The ECB's rate of Friday can be read; nothing is kept from another test."""
    kept.forget()
    with time_machine.travel(datetime(2026, 10, 30, 17, 0, tzinfo=UTC), tick=False):
        yield
    kept.forget()


@pytest.fixture
def dollar() -> None:
    """A won more on every weekday of 2026: 1,000 on New Year's Day, 1,216 on Friday, 30 October."""
    year = (date(2026, 1, 1) + timedelta(days=step) for step in range((FRIDAY - date(2026, 1, 1)).days + 1))
    weekdays = (day for day in year if publishes_on("weekdays", day))
    days = {day: str(1000 + number) for number, day in enumerate(weekdays)}
    ecb = make_provider()
    DailyRate.objects.bulk_create(a_bar(day, close) for day, close in days.items())
    ExchangeRate.objects.bulk_create(
        an_observation(ecb, rate_date=day, deal_base_rate=close) for day, close in days.items()
    )
    make_latest(deal_base_rate="1216", first_date=date(2026, 1, 1))


def said(client, path: str, status: int = 200) -> str:
    """The page as text: tags and their spaces taken out."""
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    body = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", body)


def test_the_newest_rate_stands_with_its_change_its_source_and_its_time(client, dollar):
    page = said(client, "/currencies/USD")

    assert "미국 달러 USD" in page
    assert "1,216.00 원 / 1 USD" in page
    assert "+0.08% +1.00 직전 거래일 대비" in page  # of 1,215
    assert "10월 30일 (금) 고시" in page
    assert "고시 시각 2026. 10. 30. 22:15 (서울)" in page


def test_what_a_bank_buys_and_sells_for_is_told_where_it_is_published(client, dollar):
    make_provider("ecos")
    make_observation(source="ecos", deal_base_rate="1220", tts="1231.9", ttb="1208.1")
    make_latest(source="ecos", deal_base_rate="1220", tts="1231.9", ttb="1208.1")

    page = said(client, "/currencies/USD")

    assert "송금 보낼 때 (TTS) 1,231.90" in page
    assert "송금 받을 때 (TTB) 1,208.10" in page
    assert "ecos 표시 중 1,220.00" in page  # and beside it the other source
    assert "ecb 1,216.00" in page


def test_a_rate_that_operators_have_set_is_told_as_theirs_and_was_fixed_by_nobody(client, dollar):
    RateOverride.objects.create(
        currency_code="USD",
        place="USD",
        rate=Decimal(1250),
        reason="a test",
        set_by="operator",
        set_at=datetime(2026, 10, 30, 16, 0, tzinfo=UTC),
        expires_at=datetime(2026, 10, 31, 16, 0, tzinfo=UTC),
    )

    page = said(client, "/currencies/USD")

    assert "1,250.00 원 / 1 USD" in page
    assert "2026. 11. 1. 01:00" in page  # its end, in Seoul
    assert "고시 시각" not in page


def test_english_is_complete(client, dollar):
    page = said(client, "/en/currencies/USD?period=1m&on=2026-10-03")

    assert "US Dollar USD" in page
    assert "won for 1 USD" in page
    assert not re.search("[가-힣]", page.replace("한국어", ""))


def test_a_code_in_small_letters_leads_to_the_page(client, dollar):
    answer = client.get("/currencies/usd?period=1m")

    assert (answer.status_code, answer["Location"]) == (301, "/currencies/USD?period=1m")


@pytest.mark.parametrize(
    "path", ["/currencies/KRW", "/currencies/ABC", "/currencies/XAU", "/currencies/%C4%B1nr"]
)
def test_what_is_no_currency_here_has_no_page_and_is_told_what_has(client, path):
    page = said(client, path, 404)

    assert "이렇게 입력해 주세요:" in page


@pytest.mark.parametrize(
    ("query", "accepted"),
    [
        ("period=2y", "1w, 1m, 3m, 6m, 1y, 5y, max"),
        ("overlays=macd", "sma20, sma50, bollinger, forecast"),
        ("on=yesterday", "2026-10-30"),
    ],
)
def test_a_question_that_makes_no_sense_is_told_what_would(client, dollar, query, accepted):
    assert accepted in said(client, f"/currencies/USD?{query}", 400)


def test_a_currency_that_nobody_publishes_says_so(client, dollar):
    answer = client.get("/currencies/VND")
    page = answer.content.decode()

    assert answer.status_code == 200
    assert "고시 환율 없음" in page
    assert "/compare?countries=VN" in page
    assert "chart.js" not in page


def test_a_currency_that_is_published_no_more_says_when_that_was(client, dollar):
    cover(date(2021, 1, 4), date(2022, 12, 30), code="HRK", close="180")

    page = said(client, "/currencies/HRK")

    assert "마지막 고시 환율 180.00" in page
    assert "2022년 12월 30일 고시 기준 · 고시 중단" in page
    assert "다음 고시" not in page
    assert "앞으로의 예상 범위" not in page


def test_the_window_tells_its_statistics_and_months(client, dollar):
    page = said(client, "/rates/window?code=USD&period=1m")

    # 1 October (1,195) to 30 October (1,216): 22 closes.
    assert "1,195.00원에서 1,216.00원으로 (+1.76%), 최저 1,195.00원, 최고 1,216.00원" in page
    assert "거래일 22" in page
    assert "2026년 10월 1,205.50 1,195.00 1,216.00 ▲" not in page  # the arrow is the style's
    assert "2026년 10월 1,205.50 1,195.00 1,216.00 +1.84%" in page  # of 1,194, the last of September


def test_the_track_record_is_told_in_words(client, dollar):
    page = said(client, "/rates/window?code=USD&period=1m")

    # A won a day is always less than the band, which such days have made wide enough.
    assert "하루 뒤 환율의 100%가 이 범위 안에 있었습니다" in page
    assert "10거래일 뒤 환율은" in page


def test_the_points_come_with_the_page_for_the_script(client, dollar):
    page = client.get("/rates/window?code=USD&period=1w&overlays=sma20,forecast").content.decode()
    data = json.loads(html.unescape(re.search(r'data-chart="(.*?)"', page).group(1)))

    # 26 October 2026 is day 20,752 of the era; the five days to come follow after a week-end.
    assert data["days"] == [20752, 20753, 20754, 20755, 20756, 20759, 20760, 20761, 20762, 20763]
    assert data["lines"][0]["values"] == [1212, 1213, 1214, 1215, 1216, *[None] * 5]
    assert [line["label"] for line in data["lines"]] == ["미국 달러", "20일 이동평균"]
    assert [band["label"] for band in data["bands"]] == ["앞으로의 예상 범위"]


def test_a_form_can_ask_for_no_overlay_at_all_and_for_several(client, dollar):
    none = client.get("/rates/window?code=USD&overlays=none").content.decode()
    both = client.get("/rates/window?code=USD&overlays=none&overlays=sma50&overlays=sma20").content.decode()

    assert none.count(" checked") == 0
    assert both.count(" checked") == 2
    assert "period=1w&amp;overlays=sma20,sma50" in both  # the tabs keep them


def test_a_day_with_a_rate_is_told_with_what_came_since(client, dollar):
    page = said(client, "/currencies/USD?on=2026-10-01")

    assert "1,195.00 원 / 1 USD 2026년 10월 1일에 고시된 환율입니다." in page
    assert "그날 이후 +1.76%" in page


def test_on_a_week_end_fridays_rate_was_in_force(client, dollar):
    page = said(client, "/rates/day?code=USD&on=2026-10-04")

    # Friday, 2 October: 1,196.
    assert "1,196.00" in page
    assert "10월 4일 (일)에는 고시가 없어 2026년 10월 2일 환율이 적용되었습니다." in page


def test_before_the_first_rate_there_is_none_and_the_first_is_named(client, dollar):
    page = said(client, "/rates/day?code=USD&on=2025-06-01")

    assert "고시 환율이 없습니다" in page
    assert "가장 이른 고시는 2026년 1월 1일입니다." in page


def test_tomorrow_cannot_be_asked_for(client, dollar):
    assert "2026-10-31" in said(client, "/rates/day?code=USD&on=2026-11-01", 400)
    assert "2026-10-31" in said(client, "/currencies/USD?on=2026-11-01", 400)


def test_the_file_holds_the_stored_bars_digit_for_digit(client):
    make_bar(date(2026, 10, 29), "9.1234567890", currency_code="JPY")
    make_bar(FRIDAY, "9.1", currency_code="JPY", high=Decimal("9.25"), low=Decimal("8.9999999999"))
    make_latest(currency_code="JPY", deal_base_rate="9.1", first_date=date(2026, 10, 29))

    answer = client.get("/currencies/JPY/rates.csv?period=1w")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="JPY-KRW-1w.csv"'
    assert list(csv.reader(StringIO(answer.content.decode("ascii")))) == [
        ["date", "open", "high", "low", "close", "unit", "source"],
        ["2026-10-29", *["9.123456789"] * 4, "KRW per 1 JPY", "ecb"],
        ["2026-10-30", "9.1", "9.25", "8.9999999999", "9.1", "KRW per 1 JPY", "ecb"],
    ]


def test_the_file_of_a_currency_that_nobody_publishes_is_a_page_that_says_so(client, dollar):
    assert "VND 환율을 고시한 곳이 없습니다" in said(client, "/currencies/VND/rates.csv", 404)


def test_a_long_window_ships_no_more_points_than_a_screen_can_show(client):
    cover(date(1999, 1, 4), FRIDAY)

    page = client.get("/rates/window?code=USD&period=max&overlays=none").content.decode()
    data = json.loads(html.unescape(re.search(r'data-chart="(.*?)"', page).group(1)))

    assert len(data["days"]) == 400
    assert len(page) < 60_000
    # 27 years and 43 weeks of weekdays.
    assert "7,260거래일을" in page
    assert page.count("<tr>") == 14  # thirteen months and the head


def test_the_page_asks_the_database_a_few_times_once_and_then_not_at_all(
    client, dollar, django_assert_num_queries
):
    # The page: rate, day before, sources, name. The window: 5, of them 2 for a backtest that no night has
    # stored, and names. The day: sources, names.
    with django_assert_num_queries(12):
        assert client.get("/currencies/USD").status_code == 200

    with django_assert_num_queries(0):
        client.get("/currencies/USD")
        client.get("/rates/window?code=USD&period=1y&overlays=forecast")
    # Another day leaves the window as it is: close, newest rate, sources and names, and the page's own.
    with django_assert_num_queries(9):
        client.get("/currencies/USD?on=2026-10-04")
