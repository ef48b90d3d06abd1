"""What the API tells of real history is what a spreadsheet over the bank's own file gives, to 1e-9."""

from typing import Any

import pytest
import time_machine

from tests.history import spreadsheet
from tests.history.conftest import AFTER_THE_FILE

pytestmark = [pytest.mark.usefixtures("shipped_history"), pytest.mark.django_db]


def ask(api, address: str, **query: str) -> dict[str, Any]:
    with time_machine.travel(AFTER_THE_FILE, tick=False):
        answer = api.get(address, params=query)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def differences(told: Any, expected: Any, place: str = "") -> list[str]:
    """Where `told` is not `expected`, figures to 1e-9; what is told besides is not looked at."""
    if isinstance(expected, dict):
        return [
            wrong for key in expected for wrong in differences(told[key], expected[key], f"{place}.{key}")
        ]
    if isinstance(expected, list):
        assert len(told) == len(expected), place
        pairs = enumerate(zip(told, expected, strict=True))
        return [wrong for at, (one, other) in pairs for wrong in differences(one, other, f"{place}[{at}]")]
    if expected is None or isinstance(expected, str):
        return [] if told == expected else [f"{place}: {told!r}, not {expected!r}"]
    return (
        []
        if told == pytest.approx(float(expected), rel=1e-9, abs=0)
        else [f"{place}: {told!r}, not {expected!r}"]
    )


@pytest.mark.parametrize("years", [1, 5])
@pytest.mark.parametrize(("target", "base"), [("USD", "KRW"), ("THB", "KRW"), ("EUR", "USD")])
def test_statistics_are_those_of_the_spreadsheet(api, target, base, years):
    told = ask(api, "/api/v1/history/stats", target=target, base=base, period=f"{years}y")

    expected = spreadsheet.stats(target, base, years)
    assert len(expected["monthly_breakdown"]) in (12 * years + 1, 12 * years)
    assert differences(told, expected) == []


@pytest.mark.parametrize("years", [1, 5])
@pytest.mark.parametrize("base", ["KRW", "USD"])
def test_a_comparison_is_that_of_the_spreadsheet(api, base, years):
    codes = ["EUR", "JPY", "THB", "CNY"]

    told = ask(api, "/api/v1/history/compare", targets=",".join(codes), base=base, period=f"{years}y")

    expected = spreadsheet.compare(codes, base, years)
    assert len(expected["correlation_matrix"]) == 6
    assert differences(told, expected) == []
