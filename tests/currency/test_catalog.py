"""currency.catalog: money and countries as CLDR and ISO know them."""

import pytest
from babel import Locale

from currency import catalog
from currency.models import Currency, Destination


@pytest.mark.parametrize("code", ["KRW", "USD", "EUR", "VND", "HRK", "DEM"])
def test_iso_currencies_are_known_whether_in_use_or_not(code):
    assert catalog.is_currency(code)


@pytest.mark.parametrize("code", ["ZZZ", "XXX", "XAU", "usd", "US", "USDT", "", "ＵＳＤ", "U$D"])
def test_what_is_not_money_is_not_known(code):
    assert not catalog.is_currency(code)


@pytest.mark.parametrize(
    ("code", "korean", "english"), [("USD", "미국 달러", "US Dollar"), ("EUR", "유로", "Euro")]
)
def test_names_come_in_korean_and_english(code, korean, english):
    assert catalog.currency_name(code, "ko") == korean
    assert catalog.currency_name(code, "en") == english


def test_every_known_currency_and_country_has_a_name_in_both_languages():
    locale = Locale.parse("en")
    codes = [code for code in map(str, locale.currencies) if catalog.is_currency(code)]
    countries = [code for code in map(str, locale.territories) if catalog.is_country(code)]

    assert (len(codes) > 250, len(countries) > 240) == (True, True)
    for language in ("ko", "en"):
        assert all(catalog.currency_name(code, language) for code in codes)
        assert all(catalog.country_name(code, language) for code in countries)


@pytest.mark.parametrize(("code", "places"), [("KRW", 0), ("JPY", 0), ("USD", 2), ("KWD", 3)])
def test_decimal_places_are_those_of_iso_4217(code, places):
    assert catalog.decimal_places(code) == places


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("JP", "JPY"),
        ("BG", "EUR"),
        ("HR", "EUR"),
        ("CH", "CHF"),
        ("EU", "EUR"),
        ("GU", "USD"),
        ("BT", "BTN"),
        ("NA", "NAD"),
        ("EC", "USD"),
    ],
)
def test_a_country_pays_with_the_currency_of_today(country, code):
    # Bulgaria joined the euro on 2026-01-01, Croatia on 2023-01-01.
    assert catalog.currency_of(country) == code


@pytest.mark.parametrize(
    ("code", "country"), [("USD", "US"), ("EUR", "EU"), ("JPY", "JP"), ("AUD", "AU"), ("HRK", None)]
)
def test_a_currency_is_at_home_where_it_is_named_after(code, country):
    assert catalog.home_of(code) == country


@pytest.mark.parametrize("code", ["EU", "KR", "TW", "MO"])
def test_destinations_are_countries_or_the_euro_area(code):
    assert catalog.is_country(code)


@pytest.mark.parametrize("code", ["ZZ", "XK", "001", "kr", "", "AN"])
def test_other_territories_are_not_destinations(code):
    assert not catalog.is_country(code)


@pytest.mark.django_db
def test_a_new_database_starts_with_the_shipped_order():
    catalog.fill_tables()

    first = list(Currency.objects.filter(is_active=True).values_list("code", flat=True)[:4])

    assert first == ["KRW", "USD", "JPY", "EUR"]
    assert Destination.objects.first().country_code == "JP"


@pytest.mark.django_db
def test_filling_again_keeps_what_operators_changed():
    catalog.fill_tables()
    Currency.objects.filter(code="JPY").update(is_active=False, display_order=99)
    count = Currency.objects.count()

    catalog.fill_tables()

    yen = Currency.objects.get(code="JPY")
    assert (yen.is_active, yen.display_order, Currency.objects.count()) == (False, 99, count)


@pytest.mark.django_db
def test_every_row_of_the_shipped_order_is_a_known_code():
    catalog.fill_tables()

    assert [
        code for code in Currency.objects.values_list("code", flat=True) if not catalog.is_currency(code)
    ] == []
    countries = list(Destination.objects.values_list("country_code", flat=True))
    assert len(countries) > 200
    assert [code for code in countries if not catalog.is_country(code)] == []
