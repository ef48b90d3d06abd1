"""GET /currencies/price-index and its ranking, through the WSGI entry."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from currency import price_serializers
from tests.factories import make_latest, make_price

INDEX = "/api/v1/currencies/price-index"
RANKING = f"{INDEX}/ranking"
# Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
FRIDAY_EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
#: Asked in English.
EN = {"Accept-Language": "en"}


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        yield


@pytest.fixture
def shops(db):
    """Big Macs in four countries, a latte in two; our rates are of yen and dollars alone."""
    make_price("KR", "5400", "KRW", usd_rate=Decimal(1350))
    make_price("JP", "480", "JPY", usd_rate=Decimal(150))
    make_price("US", "6", "USD", usd_rate=Decimal(1))
    make_price("VN", "76000", "VND", usd_rate=Decimal(25000))
    latte = {"item": "starbucks_tall_latte", "observed_on": date(2025, 6, 1), "source": "an operator"}
    make_price("KR", "5000", "KRW", **latte)
    make_price("JP", "500", "JPY", **latte)
    make_latest(currency_code="JPY", deal_base_rate="9")
    make_latest(currency_code="USD", deal_base_rate="1440")


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def refused(answer, status, code):
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    return error["details"]


# --- one country ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("shops")
def test_a_country_is_told_item_by_item_and_together(api):
    told = data(api.get(INDEX, params={"country": "jp"}, headers=EN))

    # 480 × 9 of 5400, 500 × 9 of 5000, and the root of 80 × 90.
    assert told["indices"] == {
        "bigmac_index": 80.0,
        "starbucks_index": 90.0,
        "price_level_index": None,
        "composite_index": 84.852814,
    }
    assert told["price_data"] == {
        "bigmac_price_local": 480.0,
        "bigmac_price_usd": 3.0,
        "starbucks_latte_local": 500.0,
        "starbucks_latte_usd": 3.125,
    }
    assert (told["country_code"], told["country_name"], told["base_country"]) == ("JP", "Japan", "KR")
    assert (told["last_updated"], told["sources"]) == ("2026-01-01", ["a shop", "an operator"])


@pytest.mark.usefixtures("shops")
def test_every_item_tells_its_basis_its_age_and_its_source(api):
    bigmac, latte = data(api.get(INDEX, params={"country": "JP"}))["items"]

    assert bigmac == {
        "item": "bigmac",
        "index": 80.0,
        "basis": "today",
        "index_at_today": 80.0,
        "index_on_own_date": None,  # no close of that day is stored here
        "index_as_published": 80.0,
        "price_local": 480.0,
        "currency": "JPY",
        "price_usd": 3.0,
        "price_usd_basis": "today",
        "price_base": 4320.0,
        "observed_on": "2026-01-01",
        "age_months": 9,
        "is_old": False,
        "source": "a shop",
        "source_url": "https://shop.example/prices",
        "home_price": 5400.0,
        "home_currency": "KRW",
        "home_observed_on": "2026-01-01",
        "home_source": "a shop",
    }
    assert (latte["observed_on"], latte["age_months"], latte["is_old"]) == ("2025-06-01", 16, True)


@pytest.mark.usefixtures("shops")
def test_where_we_have_no_rate_the_sources_own_is_used_and_named(api):
    told = data(api.get(INDEX, params={"country": "VN"}))

    # 3.04 dollars of 4.
    [item] = told["items"]
    assert (item["index"], item["basis"], item["index_at_today"]) == (76.0, "published", None)
    assert (item["price_usd"], item["price_usd_basis"], item["price_base"]) == (3.04, "published", 4104.0)
    assert (told["indices"]["composite_index"], told["freshness"]) == (76.0, {})


@pytest.mark.usefixtures("shops")
def test_any_country_can_be_home(api):
    told = data(api.get(INDEX, params={"country": "KR", "base_country": "us"}))

    # 5400 won are 3.75 dollars of 6.
    assert (told["base_country"], told["indices"]["bigmac_index"]) == ("US", 62.5)
    assert told["indices"]["starbucks_index"] is None
    assert [item["index"] for item in told["items"]] == [62.5, None]


@pytest.mark.usefixtures("shops")
def test_a_country_is_a_hundred_to_itself(api):
    indices = data(api.get(INDEX, params={"country": "KR"}))["indices"]

    assert indices == {
        "bigmac_index": 100.0,
        "starbucks_index": 100.0,
        "price_level_index": None,
        "composite_index": 100.0,
    }


@pytest.mark.usefixtures("shops")
def test_two_countries_without_an_item_in_common_have_no_index(api):
    make_price("MN", "9000", "MNT", item="starbucks_tall_latte")

    told = data(api.get(INDEX, params={"country": "MN", "base_country": "US"}))

    assert set(told["indices"].values()) == {None}
    assert told["price_data"]["starbucks_latte_local"] == 9000.0


@pytest.mark.usefixtures("shops")
def test_an_item_that_was_imported_under_another_name_is_told_but_not_put_together(api):
    make_price("JP", "200", "JPY", item="subway_ticket")
    make_price("KR", "1550", "KRW", item="subway_ticket")

    told = data(api.get(INDEX, params={"country": "JP"}))

    assert [item["item"] for item in told["items"]] == ["bigmac", "starbucks_tall_latte", "subway_ticket"]
    assert told["indices"]["composite_index"] == 84.852814


@pytest.mark.usefixtures("shops")
def test_both_addresses_answer_the_same_and_names_follow_the_language(api):
    one, other = (data(api.get(path, params={"country": "JP"})) for path in (INDEX, "/api/v1/price-index"))

    assert one == other
    assert one["country_name"] == "일본"


@pytest.mark.usefixtures("shops")
def test_the_rates_behind_an_answer_tell_their_freshness_and_can_be_refused(api):
    told = data(api.get(INDEX, params={"country": "JP", "strict": "true", "max_age_days": "0"}))
    with time_machine.travel(datetime(2026, 11, 20, tzinfo=UTC), tick=False):
        late = api.get(INDEX, params={"country": "JP", "strict": "true"})
        published = api.get(INDEX, params={"country": "VN", "strict": "true"})

    assert {pair: one["state"] for pair, one in told["freshness"].items()} == {
        "JPY/KRW": "fresh",
        "JPY/USD": "fresh",
    }
    assert refused(late, 409, "STALE_DATA")["parameter"] == "strict"
    assert published.status_code == 200


@pytest.mark.usefixtures("shops")
def test_a_country_takes_a_handful_of_queries(api, django_assert_num_queries):
    # Prices; rates in won and in dollars; two closes of two days, two queries each.
    with django_assert_num_queries(7):
        api.get(INDEX, params={"country": "JP"})


@pytest.mark.parametrize(
    ("params", "status", "code", "parameter"),
    [
        ({}, 400, "MISSING_PARAMETER", "country"),
        ({"country": ""}, 400, "MISSING_PARAMETER", "country"),
        ({"country": "XX"}, 400, "INVALID_COUNTRY_CODE", "country"),
        ({"country": "JPN"}, 400, "INVALID_COUNTRY_CODE", "country"),
        ({"country": "JP", "base_country": "ZZ"}, 400, "INVALID_COUNTRY_CODE", "base_country"),
        ({"country": "JP", "base": "KR"}, 400, "INVALID_PARAMETER", "base"),
        ({"country": ["JP", "VN"]}, 400, "INVALID_PARAMETER", "country"),
        ({"country": "JP", "max_age_days": "-1"}, 400, "INVALID_PARAMETER", "max_age_days"),
        ({"country": "JP", "strict": "perhaps"}, 400, "INVALID_PARAMETER", "strict"),
        ({"country": "MN"}, 404, "NOT_FOUND", "country"),
        ({"country": "JP", "base_country": "MN"}, 404, "NOT_FOUND", "base_country"),
    ],
)
@pytest.mark.usefixtures("shops")
def test_wrong_input_is_refused_by_name(api, params, status, code, parameter):
    assert refused(api.get(INDEX, params=params), status, code)["parameter"] == parameter


@pytest.mark.usefixtures("shops")
def test_a_country_without_a_price_is_told_which_have_one(api):
    details = refused(api.get(INDEX, params={"country": "MN"}, headers=EN), 404, "NOT_FOUND")

    assert (details["provided"], details["expected"]) == ("MN", "one of: JP, KR, US, VN")


def test_without_any_price_every_country_is_not_found(api):
    details = refused(api.get(INDEX, params={"country": "JP"}, headers=EN), 404, "NOT_FOUND")

    assert details["expected"] == "a country with a price: there is none yet"


def test_answers_have_the_fields_that_the_document_names(api, shops):
    told = data(api.get(INDEX, params={"country": "JP"}))
    ranked = data(api.get(RANKING))

    assert list(told) == list(price_serializers.PriceIndex().fields)
    assert list(told["items"][0]) == list(price_serializers.PricedItem().fields)
    assert list(ranked) == list(price_serializers.PriceRanking().fields)
    assert list(ranked["ranking"][0]) == list(price_serializers.RankedCountry().fields)


# --- all countries -------------------------------------------------------------------------------


@pytest.mark.usefixtures("shops")
def test_countries_are_ranked_cheapest_first(api):
    told = data(api.get(RANKING))

    assert (told["item"], told["base_country"], told["base_price"], told["base_currency"]) == (
        "bigmac",
        "KR",
        5400.0,
        "KRW",
    )
    # Vietnam by the source's own rates; 6 × 1440 won of 5400.
    assert [(row["rank"], row["country_code"], row["index"], row["basis"]) for row in told["ranking"]] == [
        (1, "VN", 76.0, "published"),
        (2, "JP", 80.0, "today"),
        (3, "KR", 100.0, "today"),
        (4, "US", 160.0, "today"),
    ]
    assert [row["price_base"] for row in told["ranking"]] == [4104.0, 4320.0, 5400.0, 8640.0]
    assert list(told["freshness"]) == ["JPY/KRW", "USD/KRW"]


@pytest.mark.usefixtures("shops")
def test_equal_prices_share_a_place(api):
    for country in ("DE", "FR"):
        make_price(country, "5", "EUR")
    make_latest(currency_code="EUR", deal_base_rate="1080")

    ranks = {row["country_code"]: row["rank"] for row in data(api.get(RANKING))["ranking"]}

    assert ranks == {"VN": 1, "JP": 2, "DE": 3, "FR": 3, "KR": 3, "US": 6}


@pytest.mark.usefixtures("shops")
def test_a_country_that_cannot_be_compared_is_named_and_not_ranked(api):
    make_price("MN", "9000", "MNT")

    told = data(api.get(RANKING))

    assert told["unranked"] == ["MN"]
    assert len(told["ranking"]) == 4


@pytest.mark.usefixtures("shops")
def test_any_base_and_item_can_be_ranked(api):
    told = data(api.get(RANKING, params={"base_country": "jp", "item": "Starbucks_Tall_Latte"}))

    # 5000 won are 555.56 yen of 500.
    assert [(row["country_code"], row["index"]) for row in told["ranking"]] == [
        ("JP", 100.0),
        ("KR", 111.111111),
    ]


@pytest.mark.usefixtures("shops")
def test_a_ranking_takes_two_queries_however_many_countries(api, django_assert_num_queries):
    for country, currency in (("GB", "GBP"), ("CH", "CHF"), ("SE", "SEK"), ("NO", "NOK"), ("DK", "DKK")):
        make_price(country, "50", currency)
        make_latest(currency_code=currency)

    with django_assert_num_queries(2):
        assert len(data(api.get(RANKING))["ranking"]) == 9


@pytest.mark.parametrize(
    ("params", "status", "code", "parameter"),
    [
        ({"base_country": "XX"}, 400, "INVALID_COUNTRY_CODE", "base_country"),
        ({"base_country": "MN"}, 404, "NOT_FOUND", "base_country"),
        ({"item": "price_level"}, 404, "NOT_FOUND", "base_country"),
        ({"item": "whopper"}, 400, "INVALID_PARAMETER", "item"),
        ({"item": ""}, 400, "MISSING_PARAMETER", "item"),
        ({"country": "JP"}, 400, "INVALID_PARAMETER", "country"),
        ({"max_age_days": "soon"}, 400, "INVALID_PARAMETER", "max_age_days"),
    ],
)
@pytest.mark.usefixtures("shops")
def test_wrong_input_of_a_ranking_is_refused_by_name(api, params, status, code, parameter):
    assert refused(api.get(RANKING, params=params), status, code)["parameter"] == parameter


@pytest.mark.usefixtures("shops")
def test_an_unknown_item_is_told_which_there_are(api):
    make_price(item="subway_ticket")

    details = refused(api.get(RANKING, params={"item": "whopper"}, headers=EN), 400, "INVALID_PARAMETER")

    assert details["expected"] == "one of: bigmac, starbucks_tall_latte, price_level, subway_ticket"
