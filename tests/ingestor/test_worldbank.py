"""ingestor.price_sources.worldbank: years of price levels, and errors that come with status 200."""

import json
from datetime import date
from decimal import Decimal

import pytest

from ingestor.price_sources.worldbank import between, newest, parse
from ingestor.published import ProviderFormatError, ProviderRefused, PublishedPrice
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY

[[ASK]] = newest(TODAY, ENDPOINT)
GOOD = payload_bytes("worldbank/2026-10-30.json")


def changed(change) -> bytes:
    document = json.loads(GOOD)
    change(document)
    return json.dumps(document).encode()


def test_seven_years_are_asked_for_in_one_page():
    assert ASK.path == "/v2/country/all/indicator/PA.NUS.PRVT.PLI"
    assert ASK.parameters == {"format": "json", "per_page": "20000", "date": "2020:2026"}


def test_a_range_is_asked_for_by_its_years():
    [[ask]] = between(date(2011, 5, 1), date(2013, 2, 1), ENDPOINT)

    assert ask.parameters["date"] == "2011:2013"


def test_a_years_figure_is_what_a_hundred_dollars_worth_costs_there_on_its_last_day():
    prices = {price.country: price for price in parse(GOOD, ASK)}

    assert prices["JP"] == PublishedPrice("JP", "price_level", Decimal("60.5"), "USD", date(2024, 12, 31))


def test_years_without_a_figure_are_left_out():
    assert {price.observed_on.year for price in parse(GOOD, ASK)} == {2024}


def test_what_is_no_country_keeps_a_name_that_is_none():
    names = {price.country for price in parse(GOOD, ASK)}

    # The bank's two letters of the European Union are ours of the euro area.
    assert names == {"US", "KR", "JP", "VN", "DE", "XKX", "EUU", "Latin America & Caribbean (a group)"}


def test_nothing_for_these_years_is_an_answer():
    assert parse(payload_bytes("worldbank/no_data.json"), ASK) == []


def test_a_retired_indicator_is_the_banks_refusal():
    with pytest.raises(ProviderRefused, match="175: The indicator was not found"):
        parse(payload_bytes("worldbank/not_found.json"), ASK)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda told: told[0].update(pages=2), "2 pages"),
        (lambda told: told[1].pop(), "12 rows, 13 announced"),
        (lambda told: told.pop(), "0 rows, 13 announced"),
        (lambda told: told[1][1].update(value=1.0), "another scale"),
        (lambda told: told[1][1].update(indicator={"id": "PA.NUS.PPPC.RF"}), "another indicator"),
        (lambda told: told[1][1].update(date="2024Q1"), "not a year"),
        (lambda told: told[1][1].update(value="n/a"), "not a figure"),
        (lambda told: told.clear(), "the first part is no JSON object"),
    ],
)
def test_another_answer_is_refused_with_a_reason(change, reason):
    with pytest.raises(ProviderFormatError, match=reason):
        parse(changed(change), ASK)
