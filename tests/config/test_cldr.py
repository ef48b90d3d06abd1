"""Figures as people in Korea and elsewhere write them; expected values are CLDR's published forms."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from config.templatetags import cldr


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("1335.266738"), "1,335.27"),
        (Decimal("8.491347905"), "8.49"),
        (Decimal("0.054321"), "0.05432"),
        (Decimal("0.000803"), "0.0008030"),
        (0, "0.00"),
        (None, "–"),
    ],
)
def test_a_rate_has_two_decimals_or_four_digits(value, told):
    assert cldr.rate(value) == told


@pytest.mark.parametrize(
    ("value", "told"), [(1.25, "+1.25"), (-0.4, "−0.40"), (0.001, "0.00"), (-0.001, "0.00"), (None, "–")]
)
def test_a_change_tells_its_direction_and_nothing_where_there_is_none(value, told):
    assert cldr.signed(value) == told


def test_money_has_the_decimals_of_its_kind():
    with translation.override("ko"):
        assert cldr.money(Decimal(5500), "KRW") == "₩5,500"
        assert cldr.money(Decimal("5.79"), "USD") == "US$5.79"
    with translation.override("en"):
        assert cldr.money(Decimal("5.79"), "USD") == "$5.79"


def test_days_are_told_in_the_readers_language():
    day = date(2026, 10, 30)
    with translation.override("ko"):
        assert cldr.day(day) == "2026년 10월 30일"
        assert cldr.short_day(day) == "10월 30일 (금)"
    with translation.override("en"):
        assert cldr.day(day) == "October 30, 2026"


def test_an_instant_is_told_as_seoul_has_it():
    instant = datetime(2026, 10, 30, 13, 15, tzinfo=UTC)
    with translation.override("ko"):
        assert cldr.moment(instant) == "2026. 10. 30. 22:15"
    with translation.override("en"):
        assert cldr.moment(instant) == "Oct 30, 2026 22:15"
