"""Closes as arrays: whose, from when to when, and what they cost to read."""

from datetime import UTC, date, datetime, timedelta

import pytest

from history.closes import closes, closes_of_many
from tests.factories import FRIDAY, cover, make_bar, make_latest, make_provider

NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)  # Friday evening

pytestmark = pytest.mark.django_db


def test_closes_are_the_days_of_the_window_behind_a_lead():
    cover(date(2026, 9, 1), FRIDAY)

    found = closes(code="USD", base="KRW", period="1w", now=NOW, lead=timedelta(days=7))

    days, prices = found.window()
    assert days == [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]
    assert list(prices) == [1335.27] * 5
    assert (found.days[0], len(found.days)) == (date(2026, 10, 19), 10)
    assert (found.source, found.calendar, found.freshness.state) == ("ecb", "XECB", "fresh")


def test_a_cross_is_a_division_of_the_days_that_both_have():
    cover(date(2026, 10, 1), FRIDAY)
    cover(date(2026, 10, 1), date(2026, 10, 29), code="JPY", close="8")

    found = closes(code="USD", base="JPY", period="1w", now=NOW)

    assert found.days[-1] == date(2026, 10, 29)
    assert list(found.window()[1]) == [1335.27 / 8] * 5


def test_the_won_is_priced_in_other_money_by_its_reciprocal():
    cover(date(2026, 10, 1), FRIDAY, close="1250")

    assert list(closes(code="KRW", base="USD", period="1w", now=NOW).window()[1]) == [0.0008] * 5


def test_currencies_that_are_compared_are_told_by_one_provider_where_one_has_them_all():
    make_provider("ecos")
    for source in ("ecb", "ecos"):
        cover(date(2026, 10, 1), FRIDAY, source=source)
    cover(date(2026, 10, 1), FRIDAY, code="JPY", close="8")

    both = closes_of_many(codes=["USD", "JPY"], base="KRW", period="1w", now=NOW)
    alone = closes_of_many(codes=["USD"], base="KRW", period="1w", now=NOW)

    assert {code: one.source for code, one in both.items()} == {"USD": "ecb", "JPY": "ecb"}
    assert alone["USD"].source == "ecos"  # believed first


def test_where_nobody_has_them_all_each_has_its_own_provider():
    make_provider("ecos")
    cover(date(2026, 10, 1), FRIDAY, source="ecos", code="VND", close="0.05")
    cover(date(2026, 10, 1), FRIDAY, source="ecb", code="JPY", close="8")

    found = closes_of_many(codes=["VND", "JPY", "KWD"], base="KRW", period="1w", now=NOW)

    assert {code: one.source for code, one in found.items()} == {"VND": "ecos", "JPY": "ecb"}


def test_a_suspended_currency_keeps_its_own_window_and_leaves_the_others_theirs():
    cover(date(2026, 10, 1), FRIDAY)
    cover(date(2022, 2, 1), date(2022, 3, 1), code="RUB", close="11")

    found = closes_of_many(codes=["USD", "RUB"], base="KRW", period="1w", now=NOW)

    assert found["USD"].window()[0][-1] == FRIDAY
    assert found["RUB"].window()[0] == [date(2022, 2, day) for day in (23, 24, 25, 28)] + [date(2022, 3, 1)]
    assert [one.freshness.state for one in found.values()] == ["fresh", "suspended"]


def test_days_that_a_provider_only_repeats_are_left_out():
    make_latest(source="exchangerate_api", first_date=date(2026, 10, 1))
    for day in range(24, 31):  # from Saturday
        make_bar(date(2026, 10, day), source="exchangerate_api")

    found = closes(code="USD", base="KRW", period="1w", now=NOW)

    assert found.days == [date(2026, 10, day) for day in range(26, 31)]


def test_ten_currencies_take_two_queries(django_assert_num_queries):
    codes = ["USD", "JPY", "EUR", "CNY", "THB", "GBP", "AUD", "HKD", "SGD", "CHF"]
    for code in codes:
        cover(date(2026, 10, 20), FRIDAY, code=code)

    with django_assert_num_queries(2):
        found = closes_of_many(codes=codes, base="KRW", period="1w", now=NOW)

    assert list(found) == codes
