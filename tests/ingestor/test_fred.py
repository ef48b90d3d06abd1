import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingestor.providers import fred
from ingestor.published import Ask, ProviderFormatError, ProviderRefused, ProviderUnavailable
from tests.ingestor.provider_server import payload_bytes
from tests.ingestor.samples import ENDPOINT, TODAY, parsed

WON = Ask("/fred/series/observations", item="DEXKOUS")


def observations(*pairs: tuple[Any, Any], **more: Any) -> bytes:
    rows = [{"date": day, "value": value} for day, value in pairs]
    return json.dumps({"units": "lin", "count": len(rows), "observations": rows} | more).encode()


def test_all_series_are_one_group_because_each_needs_the_wons():
    [group] = fred.newest(TODAY, ENDPOINT)

    assert len(group) == 22
    assert {ask.parameters["series_id"] for ask in group} == {ask.item for ask in group}
    assert group[0].parameters == {
        "series_id": "DEXKOUS",
        "api_key": "k3y0fth3t3sts",
        "file_type": "json",
        "observation_start": "2026-10-09",
        "observation_end": "2026-10-30",
    }


def test_a_range_is_asked_for_as_it_is():
    [group] = fred.between(date(1981, 4, 13), date(1981, 12, 31), ENDPOINT)

    assert {(a.parameters["observation_start"], a.parameters["observation_end"]) for a in group} == {
        ("1981-04-13", "1981-12-31")
    }


def test_series_named_after_the_dollar_first_are_dollars_for_one_unit():
    # FRED's rule: DEXxxUS is foreign currency for 1 USD, DEXUSxx is USD for 1 unit.
    inverted = {series for series in fred.SERIES if series.startswith("DEXUS")}

    assert inverted == {"DEXUSEU", "DEXUSUK", "DEXUSAL", "DEXUSNZ"}
    assert all(fred.SERIES[series][1] == "USD" for series in inverted)
    assert all(base == "USD" for series, (base, _) in fred.SERIES.items() if series not in inverted)


def test_the_euro_is_told_in_dollars_and_the_yen_for_one_dollar():
    rates = parsed("fred")

    assert len(rates) == 22
    assert Decimal(1) < rates["EURUSD"].rate < Decimal("1.3")
    assert (rates["USDJPY"].unit, rates["USDJPY"].rate) == (1, Decimal("157.56"))
    assert (rates["USDKRW"].printed, rates["USDKRW"].rate_date) == ("1337.94", date(2026, 10, 23))


def test_a_day_marked_with_a_full_stop_has_no_rate():
    days = [rate.rate_date for rate in fred.parse(payload_bytes("fred/2026-10-23/DEXKOUS.json"), WON)]

    assert len(days) == 14  # three weeks, less Columbus Day
    assert date(2026, 10, 12) not in days


def test_no_observations_are_an_empty_answer():
    assert fred.parse(payload_bytes("fred/no_data.json"), WON) == []


def test_the_error_object_is_a_refusal():
    with pytest.raises(ProviderRefused, match="api_key is not registered"):
        fred.parse(payload_bytes("fred/key_error.json"), WON)


def test_too_many_requests_pass():
    with pytest.raises(ProviderUnavailable):
        fred.parse(b'{"error_code": 429, "error_message": "Too Many Requests."}', WON)


def test_percent_changes_are_not_rates():
    with pytest.raises(ProviderFormatError, match="pch"):
        fred.parse(payload_bytes("fred/wrong_unit.json"), WON)


def test_observations_cut_off_at_the_limit_are_never_taken_for_all():
    with pytest.raises(ProviderFormatError, match="1 of 100001"):
        fred.parse(observations(("2026-10-23", "1337.9"), count=100001), WON)


@pytest.mark.parametrize(
    "pair",
    [
        ("2026-10-23", "1,337.9"),
        ("2026-10-23", ""),
        ("2026-10-23", None),
        ("2026-10-32", "1"),
        ("23.10.2026", "1"),
    ],
)
def test_an_observation_of_another_form_is_refused(pair):
    with pytest.raises(ProviderFormatError):
        fred.parse(observations(pair), WON)
