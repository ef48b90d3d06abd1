"""ingestor.price_sources.bigmac: the columns of two files, and what is not a release."""

from datetime import date
from decimal import Decimal

import pytest

from ingestor.price_sources.bigmac import between, bundled, newest, parse
from ingestor.published import Ask, ProviderFormatError, PublishedPrice
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY

[[INDEX, MEMBERS]] = newest(TODAY, ENDPOINT)
HEADER = "date,iso_a3,currency_code,local_price,dollar_ex"


def table(*rows: str, header: str = HEADER) -> bytes:
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def one(row: str, ask: Ask = INDEX, header: str = HEADER) -> PublishedPrice:
    [price] = parse(table(row, header=header), ask)
    return price


def test_a_row_is_a_price_with_its_dollar_rate():
    assert one("2026-01-01,KOR,KRW,5500,1469.85") == PublishedPrice(
        "KR", "bigmac", Decimal(5500), "KRW", date(2026, 1, 1), Decimal("1469.85")
    )


def test_columns_are_found_by_name():
    price = one(
        "x,5500,KRW,2026-01-01,,1469.85,KOR",
        header="name,local_price,currency_code,date,GDP_bigmac,dollar_ex,iso_a3",
    )

    assert (price.country, price.price, price.usd_rate) == ("KR", Decimal(5500), Decimal("1469.85"))


def test_scientific_notation_is_read_exactly():
    price = one("2002-04-01,TUR,TRY,4e+06,8e-04")

    assert (price.price, price.usd_rate) == (Decimal(4_000_000), Decimal("0.0008"))


@pytest.mark.parametrize(
    ("code", "country"), [("EUZ", "EU"), ("GBR", "GB"), ("VNM", "VN"), ("XKX", "XKX"), ("EUU", "EUU")]
)
def test_three_letters_become_two_where_there_is_such_a_country(code, country):
    assert one(f"2026-01-01,{code},EUR,6,0.9").country == country


def test_all_releases_of_the_index_are_read():
    prices = parse(payload_bytes("bigmac/index.csv"), INDEX)

    assert len(prices) == 55 + 54
    assert {price.observed_on for price in prices} == {date(2024, 1, 1), date(2026, 1, 1)}


def test_of_the_source_data_only_the_euro_areas_members_are_read():
    prices = parse(payload_bytes("bigmac/members.csv"), MEMBERS)

    assert len(prices) == 17
    assert {price.country for price in prices} >= {"DE", "FR", "HR", "IE"}
    assert {price.currency_code for price in prices} == {"EUR"}


@pytest.mark.parametrize("absent", ["", "NA", "#N/A"])
def test_a_member_without_a_price_is_left_out_and_one_without_a_rate_is_not(absent):
    [price] = parse(table(f"2026-01-01,DEU,EUR,{absent},0.86", f"2026-01-01,FRA,EUR,5.6,{absent}"), MEMBERS)

    assert (price.country, price.usd_rate) == ("FR", None)


def test_the_shipped_release_has_71_countries():
    ask, document = bundled()

    prices = parse(document, ask)

    assert (len(prices), len({price.country for price in prices})) == (71, 71)
    assert {price.observed_on for price in prices} == {date(2026, 1, 1)}
    assert {price.country: price.price for price in prices}["KR"] == 5500


def test_any_range_is_asked_of_the_same_two_files():
    assert list(between(date(2020, 1, 1), date(2020, 12, 31), ENDPOINT)) == [[INDEX, MEMBERS]]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (table("2026-01-01,KOR,KRW,5500", header="date,iso_a3,currency_code,local_price"), "dollar_ex"),
        (table("2026-01-01,KOR,KRW,5500,1,1", header=HEADER + ",date"), "no column date"),
        (table("2026-01-01,KOR,KRW,5500"), "line 2 has 4 cells, not 5"),
        (table("2026-01-01,KOR,KRW,,1469.85"), "not a figure"),
        (table("2026-01-01,KOR,KRW,5 500,1469.85"), "not a figure"),
        (table("01/01/2026,KOR,KRW,5500,1469.85"), "not a day"),
        (table(), "without a single price"),
        (table("2026-01-01,KOR,KRW,5500,1469.85")[:-1], "cut off"),
        (table('2026-01-01,"KOR,KRW,5500,1469.85'), "not a CSV table"),
    ],
)
def test_what_is_no_release_is_refused_with_a_reason(document, reason):
    with pytest.raises(ProviderFormatError, match=reason):
        parse(document, INDEX)
