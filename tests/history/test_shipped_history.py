"""The whole shipped history, loaded once, against others who know what comes of it.

Bars, crosses and conversions against the CurrencyConverter library, which reads the same file of the European
Central Bank: only the arithmetic between is ours and theirs. Statistics against a spreadsheet over that
file, to 1e-9. Forecasts against what came.
"""

import io
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from currency_converter import CurrencyConverter, RateNotFoundError
from django.core.management import call_command

from currency.models import ExchangeRate
from history.backtest import backtest
from history.closes import closes
from history.models import DailyRate
from tests.history import spreadsheet
from tests.history.conftest import AFTER_THE_FILE

pytestmark = [pytest.mark.usefixtures("shipped_history"), pytest.mark.django_db]

SAMPLES = 1_000
THROUGH_THE_API = 50
SEED = 19990104


@pytest.fixture(scope="module")
def theirs():
    return CurrencyConverter(decimal=True)


# --- the library ----------------------------------------------------------------------------------


def our_closes(day: date, *codes: str) -> dict[str, Decimal]:
    """Won for one unit at the end of `day`; the won itself costs one."""
    bars = DailyRate.objects.filter(source="ecb", rate_date=day, currency_code__in=codes)
    return {"KRW": Decimal(1), **dict(bars.values_list("currency_code", "close"))}


def samples(theirs: CurrencyConverter, count: int, seed: int):
    """`count` random (day, have, want, their rate); where they have no rate, neither may we."""
    chance = random.Random(seed)  # noqa: S311 - the same sample every time
    days = sorted(set(DailyRate.objects.filter(currency_code="USD").values_list("rate_date", flat=True)))
    codes = sorted(theirs.currencies or ())
    assert (len(days), len(codes)) == (7126, 42)  # 41 foreign currencies and the won
    found: list[tuple[date, str, str, Decimal]] = []
    refused = 0
    while len(found) < count:
        day, (have, want) = chance.choice(days), chance.sample(codes, 2)
        try:
            found.append((day, have, want, theirs.convert(Decimal(1), have, want, date=day)))
        except RateNotFoundError:
            refused += 1
            assert not {have, want} <= our_closes(day, have, want).keys(), (day, have, want)
    assert refused > count / 4  # kroons, levs and liras that came and went
    return found


def relative_error(ours: Decimal, theirs: Decimal) -> Decimal:
    return abs(ours / theirs - 1)


def test_a_thousand_crosses_agree_with_the_library_to_a_millionth(theirs):
    worst = Decimal(0)
    for day, have, want, rate in samples(theirs, SAMPLES, SEED):
        closes = our_closes(day, have, want)
        worst = max(worst, relative_error(closes[have] / closes[want], rate))

    assert worst < Decimal("1e-6")


def test_conversions_of_past_days_through_the_api_agree_with_the_library_to_a_millionth(api, theirs):
    with time_machine.travel(AFTER_THE_FILE, tick=False):
        for day, have, want, rate in samples(theirs, THROUGH_THE_API, SEED + 1):
            query = {"from": have, "to": want, "amount": "1", "date": day.isoformat()}

            answer = api.get("/api/v1/currencies/convert", params=query)

            assert answer.status_code == 200, (query, answer.text)
            told = answer.json()["data"]
            assert told["as_of"][:10] == day.isoformat()
            assert relative_error(Decimal(str(told["rate"])), rate) < Decimal("1e-6"), query


def test_the_whole_series_of_a_cross_agrees_with_the_library_day_by_day(api, theirs):
    with time_machine.travel(AFTER_THE_FILE, tick=False):
        answer = api.get("/api/v1/history", params={"target": "USD", "base": "JPY", "period": "max"})

    points = answer.json()["data"]["results"]
    assert (len(points), points[0]["date"], points[-1]["date"]) == (7126, "1999-01-04", "2026-10-30")
    worst = max(
        relative_error(
            Decimal(str(point["rate"])),
            theirs.convert(Decimal(1), "USD", "JPY", date=date.fromisoformat(point["date"])),
        )
        for point in points
    )
    assert worst < Decimal("1e-6")


def test_a_day_asked_alone_is_the_same_day_inside_the_range(api):
    chance = random.Random(SEED + 2)  # noqa: S311 - the same sample every time
    with time_machine.travel(AFTER_THE_FILE, tick=False):
        told = api.get("/api/v1/history", params={"target": "THB", "base": "JPY", "period": "max"}).json()
        inside = {point["date"]: point["rate"] for point in told["data"]["results"]}
        carried = 0
        for day in chance.sample(range((AFTER_THE_FILE.date() - date(2005, 5, 1)).days), THROUGH_THE_API):
            asked = (date(2005, 5, 1) + timedelta(days=day)).isoformat()
            query = {"from": "THB", "to": "JPY", "amount": "1", "date": asked}

            alone = api.get("/api/v1/currencies/convert", params=query).json()["data"]

            known = max(other for other in inside if other <= asked)
            assert (alone["requested_date"], alone["date"], alone["rate"]) == (asked, known, inside[known])
            assert alone["carried"] == (known != asked)
            carried += alone["carried"]
    assert 5 < carried < THROUGH_THE_API - 5  # week-ends


# The bank's file gives units for one euro; won for one dollar are won for one euro over dollars for
# one euro: on 2026-10-30, 1491.76 / 1.1172 = 1335.2667382743.
@pytest.mark.parametrize(
    ("day", "code", "won_for_one_euro", "units_for_one_euro", "won_for_one_unit"),
    [
        ("1999-01-04", "USD", "1398.59", "1.1789", "1186.3516837730"),
        ("1999-01-04", "JPY", "1398.59", "133.73", "10.4583115232"),
        ("1999-01-04", "TRL", "1398.59", "372274", "0.0037568834"),
        ("2008-11-20", "USD", "1892.24", "1.2542", "1508.7226917557"),
        ("2008-11-20", "JPY", "1892.24", "119.87", "15.7857679152"),
        ("2008-11-20", "GBP", "1892.24", "0.8421", "2247.0490440565"),
        ("2016-06-24", "USD", "1296.89", "1.1066", "1171.9591541659"),
        ("2016-06-24", "JPY", "1296.89", "113.23", "11.4535900380"),
        ("2016-06-24", "GBP", "1296.89", "0.8075", "1606.0557275542"),
        ("2020-03-19", "USD", "1364.14", "1.0801", "1262.9756504027"),
        ("2020-03-19", "JPY", "1364.14", "118.63", "11.4991148951"),
        ("2020-03-19", "GBP", "1364.14", "0.92985", "1467.0538258859"),
        ("2026-10-30", "USD", "1491.76", "1.1172", "1335.2667382743"),
        ("2026-10-30", "JPY", "1491.76", "175.68", "8.4913479053"),
        ("2026-10-30", "TRY", "1491.76", "55.8015", "26.7333315413"),
    ],
)
def test_five_days_read_from_the_file_of_the_bank_by_hand(
    day, code, won_for_one_euro, units_for_one_euro, won_for_one_unit
):
    published = ExchangeRate.objects.filter(source="ecb", rate_date=day)
    bars = DailyRate.objects.filter(source="ecb", rate_date=day)

    assert published.get(currency_code="EUR").published_rate == won_for_one_euro
    assert published.get(currency_code=code).published_rate == units_for_one_euro
    assert bars.get(currency_code="EUR").close == Decimal(won_for_one_euro)
    assert bars.get(currency_code=code).close == Decimal(won_for_one_unit)


def test_rebuilding_every_bar_of_it_changes_none():
    before = list(DailyRate.objects.order_by("pk").values_list())
    told = io.StringIO()

    call_command("rebuild_bars", stdout=told)

    assert len(before) == 221_702
    assert told.getvalue().splitlines()[-1] == "ecb: 0 bars changed, 1999-01-04 to 2026-10-30"
    assert list(DailyRate.objects.order_by("pk").values_list()) == before


# --- the spreadsheet ------------------------------------------------------------------------------


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


# --- what came ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["USD", "JPY", "EUR", "CNY", "THB"])
def test_the_80_percent_band_has_held_75_to_85_percent_of_what_came(code):
    found = closes(code=code, base="KRW", period="max", now=AFTER_THE_FILE)
    assert found is not None

    scores = {one.horizon: one for one in backtest(found.days, found.prices)}

    assert scores[1].observations > 5_000
    for horizon in range(1, 31):
        assert 0.75 <= scores[horizon].coverage <= 0.85, (code, horizon)
