import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from currency_converter import CurrencyConverter
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestor import conversion
from ingestor.conversion import to_krw
from ingestor.providers import ecb
from ingestor.published import Observation, PublishedRate
from ingestor.registry import profiles
from tests.ingestor.samples import TODAY, parsed, published

ECB = profiles()["ecb"]
EXIMBANK = profiles()["eximbank"]
THURSDAY = date(2026, 10, 29)


def won(*rates: PublishedRate) -> dict[str, Decimal]:
    observations, rejected = to_krw(list(rates), ECB)
    assert rejected == []
    return {one.currency_code: one.deal_base_rate for one in observations}


def reasons(*rates: PublishedRate) -> list[str]:
    return [reason for _, reason in to_krw(list(rates), ECB)[1]]


def test_a_rate_quoted_in_won_per_hundred_is_divided_exactly():
    assert won(published("JPY", "KRW", "883.57", unit=100)) == {"JPY": Decimal("8.8357000000")}


def test_rates_of_the_euro_cross_through_its_price_in_won():
    prices = won(published("EUR", "USD", "1.1172"), published("EUR", "KRW", "1491.76"))

    # 1491.76 / 1.1172 = 1335.26673827425706…, by hand
    assert prices == {"EUR": Decimal("1491.7600000000"), "USD": Decimal("1335.2667382743")}


def test_rates_of_the_dollar_cross_in_the_direction_they_are_told():
    prices = won(
        published("USD", "KRW", "1400"), published("USD", "JPY", "160"), published("EUR", "USD", "1.05")
    )

    assert prices == {"USD": Decimal(1400), "JPY": Decimal("8.75"), "EUR": Decimal(1470)}


def test_units_count_in_a_cross_too():
    prices = won(
        published("USD", "KRW", "140000", unit=100),
        published("USD", "JPY", "16000", unit=100),
        published("INR", "USD", "1.25", unit=100),
    )

    assert prices == {"USD": Decimal(1400), "JPY": Decimal("8.75"), "INR": Decimal("17.5")}


def test_a_cross_never_mixes_two_days():
    assert reasons(published("EUR", "KRW", "1491.76"), published("EUR", "USD", "1.113", day=THURSDAY)) == [
        conversion.NO_KRW_RATE
    ]


def test_a_rate_that_touches_no_currency_with_a_price_in_won_is_rejected():
    assert reasons(published("USD", "KRW", "1400"), published("EUR", "GBP", "0.83")) == [
        conversion.NO_KRW_RATE
    ]


def test_a_cross_does_not_double_a_currency_quoted_in_won():
    rates = published("USD", "KRW", "1400"), published("EUR", "KRW", "1500"), published("EUR", "USD", "1.1")

    assert reasons(*rates) == [conversion.QUOTED_IN_KRW]


@pytest.mark.parametrize("rate", ["0", "-1400", "0.000", "NaN", "Infinity"])
def test_a_rate_that_is_not_positive_gives_no_price_and_carries_no_cross(rate):
    figures = published("USD", "KRW", rate), published("USD", "JPY", "160")

    assert reasons(*figures) == [conversion.NOT_POSITIVE, conversion.NO_KRW_RATE]
    assert reasons(published("USD", "KRW", "1400"), published("USD", "JPY", rate)) == [
        conversion.NOT_POSITIVE
    ]


@pytest.mark.parametrize("rate", ["10000000000", "1E+40", "0.00000000004"])
def test_a_price_that_the_column_cannot_hold_is_rejected(rate):
    assert reasons(published("USD", "KRW", rate)) == [conversion.OUT_OF_RANGE]


def test_wire_rates_are_divided_by_the_unit_as_well():
    [yen], _ = to_krw([published("JPY", "KRW", "873.23", unit=100, tts="881.96", ttb="864.49")], EXIMBANK)

    assert (yen.deal_base_rate, yen.tts, yen.ttb) == (Decimal("8.7323"), Decimal("8.8196"), Decimal("8.6449"))


@pytest.mark.parametrize("wires", [{"tts": "1399.99"}, {"ttb": "1400.01"}, {"tts": "1410", "ttb": "-1"}])
def test_wire_rates_on_the_wrong_side_of_the_base_rate_are_rejected(wires):
    assert reasons(published("USD", "KRW", "1400", **wires)) == [conversion.SPREAD]


def test_wire_rates_equal_to_the_base_rate_are_accepted():
    assert won(published("USD", "KRW", "1400", tts="1400", ttb="1400")) == {"USD": Decimal(1400)}


def test_a_code_that_stands_for_another_is_kept_under_it_and_shown_as_printed():
    [yuan] = [
        one for one in to_krw(list(parsed("eximbank").values()), EXIMBANK)[0] if one.currency_code == "CNY"
    ]

    assert yuan.published.base == "CNH"


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 13, 15, tzinfo=UTC)),  # 14:15 in winter
        (date(2026, 7, 15), datetime(2026, 7, 15, 12, 15, tzinfo=UTC)),  # and in summer
    ],
)
def test_a_rate_is_recorded_at_the_fixing_of_its_schedule(day, instant):
    [euro], _ = to_krw([published("EUR", "KRW", "1491.76", day=day)], ECB)

    assert (euro.recorded_at, euro.rate_date) == (instant, day)


def test_a_rate_that_tells_its_own_instant_is_recorded_then():
    observations, _ = to_krw(list(parsed("exchangerate_api").values()), profiles()["exchangerate_api"])

    assert {one.recorded_at for one in observations} == {datetime(2026, 10, 30, 0, 2, 32, tzinfo=UTC)}


def test_what_was_printed_stays_beside_what_is_derived():
    [dollar, _], _ = to_krw([published("EUR", "USD", "1.1172"), published("EUR", "KRW", "1491.76")], ECB)

    assert (dollar.published.base, dollar.published.quote, dollar.published.printed) == (
        "EUR",
        "USD",
        "1.1172",
    )


@settings(deadline=None)
@given(st.decimals("0.0001", "99999", places=4), st.decimals("0.0001", "9999", places=4))
def test_there_and_back_is_where_one_started(krw_per_euro, per_euro):
    rates = [published("EUR", "KRW", str(krw_per_euro)), published("EUR", "USD", str(per_euro))]

    prices = {one.currency_code: one.deal_base_rate for one in to_krw(rates, ECB)[0]}

    assert len(prices) == 2
    # Ten decimals: the last may be off by half of one.
    assert abs(prices["USD"] * per_euro - krw_per_euro) <= per_euro * Decimal("5E-11")


@pytest.fixture(scope="module")
def every_day() -> dict[tuple[date, str], Observation]:
    ask, payload = ecb.bundled()
    observations, rejected = to_krw(ecb.parse(payload, ask), ECB)
    assert rejected == []
    return {(one.rate_date, one.currency_code): one for one in observations}


def test_the_whole_history_gives_one_price_for_every_published_figure(every_day):
    assert len(every_day) == 221_702  # as many as are published: KRW per EUR gives the euro's


def test_a_thousand_crosses_agree_with_the_currencyconverter_library(every_day):
    library = CurrencyConverter(decimal=True)
    chosen = random.Random(20261030).sample(sorted(every_day), 1000)  # noqa: S311 - a fixed sample

    differing = [
        (day, code)
        for day, code in chosen
        if abs(library.convert(1, code, "KRW", date=day) / every_day[day, code].deal_base_rate - 1)
        > Decimal("1E-6")
    ]

    assert len(chosen) == 1000
    assert differing == []


def test_prices_of_the_newest_day_are_the_sheets_crosses(every_day):
    # The file says, for 1 EUR on 2026-10-30: KRW 1491.76, JPY 175.68, IDR 20275.17.
    assert every_day[TODAY, "EUR"].deal_base_rate == Decimal("1491.7600000000")
    assert every_day[TODAY, "JPY"].deal_base_rate == Decimal("8.4913479053")  # 1491.76 / 175.68
    assert every_day[TODAY, "IDR"].deal_base_rate == Decimal("0.0735757086")  # 1491.76 / 20275.17
