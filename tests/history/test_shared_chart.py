"""Several currencies in one chart."""

from datetime import UTC, date, datetime

import pytest

from history.shared_chart import chart, shared
from tests.factories import cover, make_bar, make_latest

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
DAYS = [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]
LABELS = {"USD": "dollar", "JPY": "yen"}


def week(code: str, *closes: str) -> None:
    for day, close in zip(DAYS, closes, strict=True):
        make_bar(day, close, currency_code=code)
    make_latest(currency_code=code)


def test_each_line_begins_at_a_hundred():
    week("USD", "1300", "1313", "1326", "1287", "1365")
    week("JPY", "8", "8.4", "8", "7.6", "10")

    drawn = chart(shared(["USD", "JPY"], period="1w", now=NOW), scale="index", labels=LABELS)

    assert drawn.days == DAYS
    assert [line.tone for line in drawn.lines] == [1, 2]
    assert drawn.lines[0].values.tolist() == pytest.approx([100, 101, 102, 99, 105])
    assert drawn.lines[1].values.tolist() == pytest.approx([100, 105, 100, 95, 125])


def test_in_won_the_yen_is_told_per_hundred():
    week("USD", "1300", "1313", "1326", "1287", "1365")
    week("JPY", "8", "8.4", "8", "7.6", "10")

    drawn = chart(shared(["USD", "JPY"], period="1w", now=NOW), scale="absolute", labels=LABELS)

    assert drawn.lines[0].values.tolist() == [1300, 1313, 1326, 1287, 1365]
    assert drawn.lines[1].values.tolist() == pytest.approx([800, 840, 800, 760, 1000])


def test_money_that_nobody_publishes_and_the_won_itself_are_not_drawn():
    week("USD", "1300", "1313", "1326", "1287", "1365")

    told = shared(["VND", "USD", "KRW"], period="1w", now=NOW)

    assert list(told.found) == ["USD"]
    assert told.missing == ["VND"]


def test_without_any_published_money_there_is_nothing_to_compare():
    told = shared(["VND"], period="1w", now=NOW)

    assert (told.found, told.comparison) == ({}, None)


def test_five_currencies_take_two_queries(django_assert_num_queries):
    codes = ["USD", "JPY", "EUR", "THB", "GBP"]
    for code in codes:
        cover(date(2026, 10, 1), DAYS[-1], code=code)

    with django_assert_num_queries(2):
        assert len(shared(codes, period="1m", now=NOW).found) == 5
