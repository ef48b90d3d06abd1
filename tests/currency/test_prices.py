"""currency.prices: which price is in force, how old it is, and which two are compared."""

from datetime import date
from decimal import Decimal

import pytest

from currency import prices
from currency.prices import Price, pair
from tests.factories import make_price

JANUARY, MARCH, JULY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 7, 1)


def price(day=JANUARY, *, source="a shop", country="KR"):
    return Price(country, "bigmac", Decimal(5500), "KRW", day, None, source, "https://shop.example")


# --- reading -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_highest_revision_is_in_force():
    for revision, told in enumerate(("5500", "5600", "5700")):
        make_price(price=told, revision=revision)

    [one] = prices.observed(countries=["KR"])["bigmac"]["KR"]
    assert one.price == 5700


@pytest.mark.django_db
def test_prices_come_newest_first_by_item_and_country_in_one_query(django_assert_num_queries):
    make_price(observed_on=JANUARY)
    make_price(observed_on=JULY)
    make_price("JP", "480", "JPY")
    make_price("VN", "76000", "VND")
    make_price(item="price_level", currency="USD", price="70")

    with django_assert_num_queries(1):
        found = prices.observed(countries=["KR", "JP"])

    days = {
        item: {code: [one.observed_on for one in several] for code, several in of_item.items()}
        for item, of_item in found.items()
    }
    assert days == {"bigmac": {"KR": [JULY, JANUARY], "JP": [JANUARY]}, "price_level": {"KR": [JANUARY]}}


@pytest.mark.django_db
def test_one_item_is_read_for_every_country():
    make_price()
    make_price("JP", "480", "JPY")
    make_price(item="price_level", currency="USD", price="70")

    found = prices.observed(item="bigmac")

    assert {item: sorted(of_item) for item, of_item in found.items()} == {"bigmac": ["JP", "KR"]}


@pytest.mark.django_db
def test_items_are_those_with_a_name_here_and_those_that_were_imported():
    make_price(item="subway_ticket")
    make_price("JP", item="subway_ticket")

    assert prices.known_items() == ["bigmac", "starbucks_tall_latte", "price_level", "subway_ticket"]


@pytest.mark.django_db
def test_countries_are_told_once_each():
    make_price("JP", observed_on=JANUARY)
    make_price("JP", observed_on=JULY)
    make_price("AE", item="price_level")

    assert prices.countries_with() == ["AE", "JP"]
    assert prices.countries_with("bigmac") == ["JP"]


# --- ages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "months", "is_old"),
    [
        (date(2026, 1, 1), 0, False),
        (date(2026, 1, 31), 0, False),
        (date(2026, 2, 1), 1, False),
        (date(2026, 12, 31), 11, False),
        (date(2027, 1, 1), 12, False),
        (date(2027, 1, 2), 12, True),
        (date(2029, 6, 30), 41, True),
    ],
)
def test_a_price_is_old_after_twelve_months(today, months, is_old):
    assert (price(JANUARY).age_months(today), price(JANUARY).is_old(today)) == (months, is_old)


# --- which two -----------------------------------------------------------------------------------


def test_the_newest_two_are_compared_where_both_are_of_one_release():
    there, home = pair([price(JULY), price(JANUARY)], [price(JULY), price(JANUARY)])

    assert (there.observed_on, home.observed_on) == (JULY, JULY)


def test_a_country_that_dropped_out_is_compared_by_its_last_release_whichever_side_it_is_on():
    last, goes_on = [price(JANUARY)], [price(JULY), price(JANUARY)]

    assert [one.observed_on for one in pair(last, goes_on)] == [JANUARY, JANUARY]
    assert [one.observed_on for one in pair(goes_on, last)] == [JANUARY, JANUARY]


def test_without_a_common_day_the_newest_of_each_are_compared():
    there, home = pair([price(JULY), price(JANUARY)], [price(MARCH)])

    assert (there.observed_on, home.observed_on) == (JULY, MARCH)


def test_a_common_day_that_is_newest_on_neither_side_is_left():
    there, home = pair([price(JULY), price(JANUARY)], [price(MARCH), price(JANUARY)])

    assert (there.observed_on, home.observed_on) == (JULY, MARCH)


def test_a_price_of_the_same_source_comes_before_another_of_its_day():
    there, home = pair([price(source="A")], [price(JULY, source="Z"), price(source="Z"), price(source="A")])

    assert (there.source, home.source, home.observed_on) == ("A", "A", JANUARY)
