"""currency.price_comparison: which exchange rate two prices are compared by, worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import mean

import pytest

from currency import price_comparison, prices
from currency.price_averages import LEAST_DAYS
from currency.schedule import publishes_on
from tests.factories import FRIDAY, make_latest, make_observation, make_price

pytestmark = pytest.mark.django_db

# 18:00 in Frankfurt: the day's rates are out.
NOW = datetime(2026, 10, 30, 17, tzinfo=UTC)
NEW_YEARS_EVE = date(2025, 12, 31)


def compared(country="JP", base="KR", item="bigmac"):
    found = prices.observed(countries=(country, base))
    return price_comparison.compare(found, [country], base, NOW)[item][0]


def figures(one):
    return (one.at_today, price_comparison.on_own_day(one, NOW), one.published, one.basis)


def test_today_the_own_day_and_the_source_give_three_indices():
    make_price("JP", "480", "JPY", usd_rate=Decimal(160))
    make_price("KR", "5400", "KRW", usd_rate=Decimal(1440))
    make_latest(currency_code="JPY", deal_base_rate="9")
    make_observation(currency_code="JPY", rate_date=NEW_YEARS_EVE, deal_base_rate="9.45")

    # 480 × 9 = 4320 won of 5400; 480 × 9.45 = 4536; 3 dollars of 3.75.
    assert figures(compared()) == (80, 84, 80, "today")


def test_without_a_rate_of_ours_the_sources_own_decides_and_says_so():
    make_price("VN", "76000", "VND", usd_rate=Decimal(25000))
    make_price("KR", "5700", "KRW", usd_rate=Decimal(1500))

    # 3.04 dollars of 3.80.
    assert figures(compared("VN")) == (None, None, 80, "published")
    assert compared("VN").price_at_home == Decimal(4560)


def test_without_any_rate_there_is_no_index():
    make_price("VN", "76000", "VND")
    make_price("KR", "5700", "KRW", usd_rate=Decimal(1500))

    one = compared("VN")

    assert figures(one) == (None, None, None, None)
    assert (one.index, one.price_at_home) == (None, None)


def test_a_rate_that_its_provider_has_given_up_is_not_todays():
    make_latest(currency_code="USD")
    make_latest(currency_code="RUB", rate_date=date(2022, 3, 1), deal_base_rate="11")
    make_price("RU", "135", "RUB", usd_rate=Decimal(75))
    make_price("KR", "5400", "KRW", usd_rate=Decimal(1350))

    # 1.80 dollars of 4.
    assert figures(compared("RU"))[2:] == (45, "published")


def test_in_the_same_money_no_rate_is_needed():
    make_price("DE", "6", "EUR")
    make_price("FR", "5", "EUR")

    one = compared("DE", "FR")

    assert figures(one) == (120, 120, 120, "today")
    assert one.quote is None


def test_any_country_can_be_home():
    make_price("JP", "480", "JPY")
    make_price("US", "6", "USD")
    make_latest(currency_code="JPY", deal_base_rate="9")
    make_latest(currency_code="USD", deal_base_rate="1440")

    # 480 yen are 3 dollars.
    assert compared("JP", "US").at_today == 50
    assert compared("US", "JP").at_today == 200


def test_a_country_against_itself_is_a_hundred():
    make_price()

    assert figures(compared("KR")) == (100, 100, 100, "today")


def test_dollars_are_todays_or_the_sources_own():
    yen = make_price("JP", "480", "JPY", usd_rate=Decimal(150))
    make_price("VN", "76000", "VND", usd_rate=Decimal(25000))
    make_price("US", "6", "USD")
    make_price("TH", "135", "THB")
    make_latest(currency_code="JPY", deal_base_rate="9")
    make_latest(currency_code="USD", deal_base_rate="1440")
    found = {code: several[0] for code, several in prices.observed(item=yen.item)["bigmac"].items()}

    rates = price_comparison.dollar_rates(found.values(), NOW)

    assert {code: price_comparison.in_dollars(one, rates) for code, one in found.items()} == {
        "JP": (3, "today"),
        "VN": (Decimal("3.04"), "published"),
        "US": (6, "today"),
        "TH": None,
    }


# --- price levels --------------------------------------------------------------------------------


def level(country, figure, year=2024):
    make_price(country, figure, "USD", item="price_level", observed_on=date(year, 12, 31))


def a_year(code: str, rates: tuple[int, ...], most: int = 366) -> list[tuple[date, Decimal]]:
    """One rate a trading day of 2024, going round through `rates`; the days used."""
    day = date(2024, 1, 1)
    days: list[tuple[date, Decimal]] = []
    while day.year == 2024 and len(days) < most:
        if publishes_on("XECB", day):
            rate = rates[len(days) % len(rates)]
            make_observation(currency_code=code, rate_date=day, deal_base_rate=str(rate))
            days.append((day, Decimal(rate)))
        day += timedelta(days=1)
    return days


def test_a_price_level_moves_with_the_exchange_rate_since_its_years_average():
    level("JP", "60")
    level("KR", "80")
    days = a_year("JPY", (8, 9, 13))
    make_latest(currency_code="JPY", deal_base_rate="9")

    one = compared(item="price_level")

    average = mean(rate for _, rate in days)
    assert len(days) > 250
    assert one.at_today == pytest.approx(75 * 9 / average, rel=Decimal("1e-20"))
    assert figures(one)[1:] == (75, 75, "today")


def test_a_price_level_against_another_country_moves_with_the_cross_of_both():
    level("JP", "60")
    level("US", "100")
    yen, dollar = a_year("JPY", (8, 9)), a_year("USD", (1300, 1500, 1400))
    make_latest(currency_code="JPY", deal_base_rate="9")
    make_latest(currency_code="USD", deal_base_rate="1500")

    average = mean(one / other for (_, one), (_, other) in zip(yen, dollar, strict=True))
    there, back = compared("JP", "US", "price_level"), compared("US", "JP", "price_level")
    assert there.at_today == pytest.approx(60 * (Decimal(9) / 1500) / average, rel=Decimal("1e-20"))
    assert back.at_today > 100


@pytest.mark.parametrize(("days", "basis"), [(LEAST_DAYS - 1, "published"), (LEAST_DAYS, "today")])
def test_a_part_of_a_year_has_no_average_and_the_level_stays_as_published(days, basis):
    level("JP", "60")
    level("KR", "80")
    a_year("JPY", (9,), most=days)
    make_latest(currency_code="JPY", deal_base_rate="9")

    one = compared(item="price_level")

    assert (one.index, one.basis, one.quote is None) == (Decimal(75), basis, basis == "published")


def test_the_average_is_that_of_todays_provider_alone():
    level("JP", "60")
    level("KR", "80")
    a_year("JPY", (9,))
    make_latest(currency_code="JPY", source="ecos", deal_base_rate="9")

    assert compared(item="price_level").basis == "published"


def test_a_corrected_rate_counts_once_in_the_average():
    level("JP", "60")
    level("KR", "80")
    a_year("JPY", (9,))
    make_observation(currency_code="JPY", rate_date=date(2024, 6, 3), deal_base_rate="900", revision=1)
    make_observation(currency_code="JPY", rate_date=date(2024, 6, 3), deal_base_rate="9", revision=2)
    make_latest(currency_code="JPY", deal_base_rate="9", rate_date=FRIDAY)

    assert compared(item="price_level").at_today == 75


def test_where_the_money_is_the_same_the_level_does_not_move():
    level("DE", "90")
    level("FR", "100")

    one = compared("DE", "FR", "price_level")

    assert (one.at_today, one.price_at_home) == (90, None)
