"""history.bars: a day's observations as one bar, and the bars kept in line with them."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from currency.models import ExchangeRate
from history import bars
from history.bars import Bar, bar_of
from history.models import DailyRate
from tests.factories import FRIDAY, make_observation

THURSDAY = date(2026, 10, 29)

rates = st.decimals("0.0000000001", "9999999999", places=10, allow_nan=False, allow_infinity=False)


def d(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


def at(hour: int, minute: int = 0, day: date = FRIDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def rebuild(first: date = FRIDAY, last: date = FRIDAY, **more) -> int:
    return bars.rebuild(source="ecb", first=first, last=last, **more)


# --- one day ----------------------------------------------------------------------------------


def test_a_lone_fixing_gives_four_equal_values():
    rate = Decimal("1335.2667382743")

    assert bar_of([rate]) == Bar(rate, rate, rate, rate, rate, 1, 0.0)


def test_a_day_of_four_observations_by_hand():
    # 1000 → 1010 is +1 %, 1010 → 999.9 is -1 %, 999.9 → 1009.899 is +1 %.
    # Mean 1/3; squared deviations (2/3)², (4/3)², (2/3)² = 24/9; sample variance 24/9/2 = 4/3;
    # volatility √(4/3) = 1.1547005383792515. Average 4019.799 / 4 = 1004.94975.
    bar = bar_of(d("1000", "1010", "999.9", "1009.899"))

    assert (bar.open, bar.high, bar.low, bar.close) == tuple(d("1000", "1010", "999.9", "1009.899"))
    assert bar.average == Decimal("1004.94975")
    assert bar.observation_count == 4
    assert bar.volatility == pytest.approx(1.1547005383792515, rel=1e-12)


def test_three_observations_are_the_fewest_with_a_deviation():
    # +1 % and -1 %: the mean is 0, the sample variance (1 + 1) / 1, and its root 1.41421356…
    assert bar_of(d("1000", "1010", "999.9")).volatility == pytest.approx(1.4142135623730951, rel=1e-12)


def test_two_observations_have_one_change_and_so_no_deviation():
    bar = bar_of(d("1000", "1010"))

    assert [bar.open, bar.close, bar.average, bar.volatility] == [1000, 1010, 1005, 0.0]


def test_an_average_is_kept_to_ten_decimals():
    # 4 / 3 = 1.33333333333…
    assert bar_of(d("1", "1", "2")).average == Decimal("1.3333333333")


def test_a_day_without_rates_has_no_bar():
    with pytest.raises(ValueError, match="no bar"):
        bar_of([])


@given(st.lists(rates, min_size=1, max_size=20))
def test_every_bar_holds_its_open_close_and_average_between_low_and_high(day):
    bar = bar_of(day)

    assert bar.low <= bar.open <= bar.high
    assert bar.low <= bar.close <= bar.high
    assert bar.low <= bar.average <= bar.high
    assert (bar.open, bar.close, bar.observation_count) == (day[0], day[-1], len(day))
    assert bar.volatility >= 0


# --- rebuilding -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_bar_is_built_from_the_observations_of_its_day_in_their_order():
    make_observation(recorded_at=at(9), deal_base_rate="1330")
    make_observation(recorded_at=at(3), deal_base_rate="1320")
    make_observation(recorded_at=at(6), deal_base_rate="1340")

    assert rebuild() == 1

    bar = DailyRate.objects.get()
    assert (bar.currency_code, bar.source, bar.rate_date) == ("USD", "ecb", FRIDAY)
    assert [bar.open, bar.high, bar.low, bar.close, bar.average] == [1320, 1340, 1320, 1330, 1330]
    assert bar.observation_count == 3


@pytest.mark.django_db
def test_the_highest_revision_of_a_fixing_is_the_one_that_counts():
    make_observation(recorded_at=at(3), deal_base_rate="1320")
    make_observation(recorded_at=at(6), revision=1, deal_base_rate="1335")
    make_observation(recorded_at=at(6), revision=0, deal_base_rate="9999")

    rebuild()

    bar = DailyRate.objects.get()
    assert [bar.high, bar.close, bar.observation_count] == [1335, 1335, 2]


@pytest.mark.django_db
def test_a_correction_changes_the_bar_that_was_built_before_it():
    make_observation(deal_base_rate="1335.27")
    rebuild()
    make_observation(revision=1, deal_base_rate="1336.1")

    assert rebuild() == 1

    assert DailyRate.objects.get().close == Decimal("1336.1")


@pytest.mark.django_db
def test_a_second_rebuild_writes_nothing():
    for day in (THURSDAY, FRIDAY):
        for hour, rate in ((3, "1320.1234567891"), (6, "0.0003728192"), (9, "1335.2667382743")):
            make_observation(rate_date=day, recorded_at=at(hour, day=day), deal_base_rate=rate)
    assert rebuild(THURSDAY, FRIDAY) == 2
    before = list(DailyRate.objects.order_by("pk").values_list())

    assert rebuild(THURSDAY, FRIDAY) == 0

    assert list(DailyRate.objects.order_by("pk").values_list()) == before


@pytest.mark.django_db
def test_a_bar_whose_observations_are_gone_is_deleted():
    make_observation(rate_date=THURSDAY)
    make_observation()
    rebuild(THURSDAY, FRIDAY)
    ExchangeRate.objects.filter(rate_date=THURSDAY).delete()

    assert rebuild(THURSDAY, FRIDAY) == 1

    assert [bar.rate_date for bar in DailyRate.objects.all()] == [FRIDAY]


@pytest.mark.django_db
def test_days_sources_and_currencies_that_were_not_named_are_left_alone():
    for day in (THURSDAY, FRIDAY):
        make_observation(rate_date=day)
        make_observation(rate_date=day, currency_code="JPY", deal_base_rate="8.49")
        make_observation(rate_date=day, source="ecos", deal_base_rate="1392.4")

    assert rebuild(codes=["USD"]) == 1

    assert list(DailyRate.objects.values_list("source", "currency_code", "rate_date")) == [
        ("ecb", "USD", FRIDAY)
    ]


@pytest.mark.django_db
def test_a_day_belongs_to_the_date_on_the_figure_wherever_its_instant_falls():
    # 08:30 in Seoul on Friday is Thursday 23:30 UTC.
    make_observation(source="ecos", deal_base_rate="1392.4")

    assert bars.rebuild(source="ecos", first=FRIDAY, last=FRIDAY) == 1
    assert bars.rebuild(source="ecos", first=THURSDAY, last=THURSDAY) == 0


@pytest.mark.django_db
def test_a_rebuild_reads_twice_and_writes_nothing_that_is_right(django_assert_num_queries):
    make_observation()
    rebuild()

    with django_assert_num_queries(2):
        rebuild()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    "connections['default'].vendor != 'mysql'",
    reason="SQLite has one writer at a time (TEST_STACK=services runs this)",
)
def test_who_corrects_a_day_that_is_being_rebuilt_waits_and_has_the_last_word():
    make_observation(deal_base_rate="1335.27")
    with transaction.atomic():
        rebuild()
    reached, corrected = threading.Event(), threading.Event()

    def correct() -> None:
        try:
            with transaction.atomic():
                make_observation(revision=1, deal_base_rate="1336.1")
                reached.set()
                rebuild()
            corrected.set()
        finally:
            connections["default"].close()

    writer = threading.Thread(target=correct)
    with transaction.atomic():
        rebuild()
        writer.start()
        assert reached.wait(20)
        went_ahead = corrected.wait(1)
    writer.join(20)

    assert (went_ahead, corrected.is_set()) == (False, True)
    assert DailyRate.objects.get().close == Decimal("1336.1")


# --- what the database itself refuses ---------------------------------------------------------


def make_bar(**overrides) -> DailyRate:
    row = {
        "currency_code": "USD",
        "source": "ecb",
        "rate_date": FRIDAY,
        "open": 1320,
        "high": 1340,
        "low": 1310,
        "close": 1330,
        "average": 1325,
        "observation_count": 4,
        "volatility": 0.5,
    }
    return DailyRate.objects.create(**{**row, **overrides})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("bar_low_is_lowest", {"low": 1321}),  # above the open
        ("bar_low_is_lowest", {"low": 1319, "close": 1318}),
        ("bar_low_is_lowest", {"low": 0}),
        ("bar_low_is_lowest", {"low": -1}),
        ("bar_high_is_highest", {"high": 1319, "close": 1312}),  # below the open
        ("bar_high_is_highest", {"high": 1329}),  # below the close
        ("bar_has_observations", {"observation_count": 0}),
    ],
)
def test_an_impossible_bar_is_refused_by_the_database(constraint, wrong):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_bar(**wrong)


@pytest.mark.django_db
def test_a_day_has_one_bar_of_each_source_and_currency():
    make_bar()
    make_bar(source="ecos")
    make_bar(currency_code="JPY")
    make_bar(rate_date=THURSDAY)

    with pytest.raises(IntegrityError, match=r"bar_is_unique|UNIQUE constraint"), transaction.atomic():
        make_bar()
