"""history.series: a pair's window of bars, from one provider and for observed days only."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from currency.models import LatestRate
from history import bars
from history.models import DailyRate
from history.series import Point, _crossed, _price, daily, hourly
from tests.factories import FRIDAY, cover, make_bar, make_latest, make_observation, make_provider

#: Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
NOW = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)


def days(series) -> list[date]:
    return [point.at for point in series.points]


def usd(period: str, *, base: str = "KRW", now: datetime = NOW):
    return daily(code="USD", base=base, period=period, now=now)


# --- the window -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_week_is_the_five_trading_days_up_to_the_newest():
    cover(date(2026, 10, 1), FRIDAY)

    assert days(usd("1w")) == [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]


@pytest.mark.django_db
def test_the_window_ends_on_the_newest_day_with_data_not_today():
    cover(date(2026, 10, 1), FRIDAY)

    sunday = usd("1w", now=datetime(2026, 11, 1, 12, 0, tzinfo=UTC))

    assert days(sunday) == [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]
    assert sunday.stale is False


@pytest.mark.django_db
def test_a_day_that_was_not_observed_is_not_made_up():
    make_latest(first_date=date(2026, 10, 1))
    make_bar(date(2026, 10, 28))
    make_bar(FRIDAY)

    assert days(usd("1w")) == [date(2026, 10, 28), FRIDAY]


@pytest.mark.django_db
def test_a_provider_that_repeats_itself_on_week_ends_adds_no_trading_days():
    cover(date(2026, 10, 26), FRIDAY, source="exchangerate_api")
    make_bar(date(2026, 10, 31), source="exchangerate_api")  # Saturday
    LatestRate.objects.update(rate_date=date(2026, 10, 31))

    assert days(usd("1w")) == [date(2026, 10, day) for day in (26, 27, 28, 29, 30)]


@pytest.mark.django_db
def test_a_saturday_that_a_bank_has_fixed_is_a_trading_day():
    cover(date(2006, 2, 13), date(2006, 2, 17), source="ecos")
    make_bar(date(2006, 2, 18), source="ecos")  # the Bank of Korea's Saturdays ended a week later
    LatestRate.objects.update(rate_date=date(2006, 2, 18))

    assert days(usd("1w"))[-1] == date(2006, 2, 18)


@pytest.mark.django_db
def test_max_is_everything_there_is():
    make_latest(first_date=date(1999, 1, 4))
    make_bar(date(1999, 1, 4), "1186.3516837730")
    make_bar(FRIDAY)

    assert days(usd("max")) == [date(1999, 1, 4), FRIDAY]


@pytest.mark.django_db
def test_a_pair_nobody_has_is_none():
    cover(date(2026, 10, 1), FRIDAY)

    assert daily(code="VND", base="KRW", period="1w", now=NOW) is None
    assert daily(code="USD", base="VND", period="1w", now=NOW) is None
    assert hourly(code="VND", base="KRW", period="1w", now=NOW) is None


@pytest.mark.django_db
@pytest.mark.parametrize("read", [daily, hourly])
def test_a_series_takes_two_queries(read, django_assert_num_queries):
    cover(date(2026, 10, 1), FRIDAY)
    cover(date(2026, 10, 1), FRIDAY, code="JPY", close="8.49")

    with django_assert_num_queries(2):
        read(code="USD", base="JPY", period="1m", now=NOW)


# --- changes ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_first_change_is_against_the_trading_day_before_the_window():
    make_latest(first_date=date(2026, 10, 1))
    make_bar(date(2026, 10, 22), "9999")
    make_bar(date(2026, 10, 23), "1300")  # Friday, outside the week
    make_bar(date(2026, 10, 26), "1313")
    make_bar(FRIDAY, "1299.87")

    told = [(point.at.day, change, percent) for point, change, percent in usd("1w").with_changes()]

    # 13 / 1300 = 1 %; 1299.87 - 1313 = -13.13, and 13.13 / 1313 = 1 %.
    assert told == [(26, Decimal(13), Decimal(1)), (30, Decimal("-13.13"), Decimal(-1))]


@pytest.mark.django_db
def test_the_first_change_of_all_is_not_known():
    make_latest(first_date=date(2026, 10, 29))
    make_bar(date(2026, 10, 29), "1300")
    make_bar(FRIDAY, "1313")

    told = [(change, percent) for _, change, percent in usd("1w").with_changes()]

    assert told == [(None, None), (Decimal(13), Decimal(1))]


@pytest.mark.django_db
def test_what_is_older_than_two_weeks_before_the_window_is_not_the_day_before():
    make_latest(first_date=date(2026, 1, 5))
    make_bar(date(2026, 10, 9), "1300")  # the window begins on the 24th: 15 days
    make_bar(FRIDAY, "1313")

    assert usd("1w").before is None


# --- how fresh --------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_provider_that_missed_its_publication_is_stale():
    cover(date(2026, 10, 1), date(2026, 10, 29))

    # Friday's rates were due at 16:00 in Frankfurt and two hours of grace.
    before = datetime(2026, 10, 30, 16, 59, tzinfo=UTC)
    assert usd("1w", now=before).stale is False
    assert usd("1w", now=before + timedelta(minutes=2)).stale is True
    assert hourly(code="USD", base="KRW", period="1w", now=before + timedelta(minutes=2)).stale is True


# --- one provider -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_most_believed_provider_tells_the_whole_series_and_no_other_fills_its_gaps():
    cover(date(2026, 9, 1), FRIDAY, source="ecos", close="1392.4")
    cover(date(2026, 9, 1), FRIDAY, source="ecb", close="1335.27")
    DailyRate.objects.filter(source="ecos", rate_date=date(2026, 10, 28)).delete()

    series = usd("1w")

    assert series.source == "ecos"
    assert days(series) == [date(2026, 10, day) for day in (26, 27, 29, 30)]
    assert {point.close for point in series.points} == {Decimal("1392.4")}


@pytest.mark.django_db
def test_a_provider_that_reaches_back_too_little_tells_short_windows_only():
    cover(date(2026, 7, 31), FRIDAY, source="ecos", close="1392.4")  # three months
    cover(date(2024, 1, 1), FRIDAY, source="ecb", close="1335.27")

    told = {period: usd(period) for period in ("1w", "1m", "3m", "6m", "1y", "max")}

    assert {period: series.source for period, series in told.items()} == {
        "1w": "ecos",
        "1m": "ecos",
        "3m": "ecos",
        "6m": "ecb",
        "1y": "ecb",
        "max": "ecb",
    }
    for series in told.values():
        closes = {point.close for point in series.points}
        assert closes == {Decimal("1392.4") if series.source == "ecos" else Decimal("1335.27")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ecos", "ecb", "told_by"),
    [
        (date(2026, 8, 3), date(2026, 8, 10), "ecos"),
        (date(2026, 8, 17), date(2026, 8, 3), "ecos"),  # two weeks are no difference
        (date(2026, 8, 18), date(2026, 8, 3), "ecb"),
    ],
)
def test_where_nobody_reaches_back_so_far_the_most_believed_of_the_longest_tells(ecos, ecb, told_by):
    cover(ecos, FRIDAY, source="ecos", close="1392.4")
    cover(ecb, FRIDAY, source="ecb", close="1335.27")

    assert usd("5y").source == told_by


@pytest.mark.django_db
def test_a_provider_of_yesterday_does_not_tell_the_week():
    cover(date(2026, 10, 29), FRIDAY, source="ecos", close="1392.4")
    cover(date(2026, 10, 1), FRIDAY, source="ecb", close="1335.27")

    assert (usd("1w").source, len(usd("1w").points)) == ("ecb", 5)


@pytest.mark.django_db
@pytest.mark.parametrize("period", ["1w", "1m", "max"])
def test_a_long_series_that_lags_is_not_replaced_by_a_day(period):
    cover(date(2026, 1, 1), date(2026, 10, 16), source="ecb", close="1335.27")
    cover(FRIDAY, FRIDAY, source="ecos", close="1392.4")

    series = usd(period)

    assert (series.source, series.stale, days(series)[-1]) == ("ecb", True, date(2026, 10, 16))


@pytest.mark.django_db
def test_a_series_that_ended_long_ago_is_not_the_longest():
    cover(date(2014, 1, 1), date(2016, 6, 30), source="ecos", close="1150")
    cover(date(2026, 1, 1), FRIDAY, source="ecb", close="1335.27")

    assert (usd("max").source, usd("max").stale) == ("ecb", False)


@pytest.mark.django_db
def test_a_currency_that_everybody_stopped_quoting_keeps_its_history():
    cover(date(2010, 10, 1), date(2010, 12, 31), code="EEK", close="96.1")

    series = daily(code="EEK", base="KRW", period="1w", now=NOW)

    assert (series.stale, days(series)) == (True, [date(2010, 12, day) for day in (27, 28, 29, 30, 31)])


@pytest.mark.django_db
def test_a_believed_provider_that_stopped_gives_way_to_one_that_goes_on():
    cover(date(2026, 7, 1), date(2026, 9, 30), source="ecos", close="1392.4")
    cover(date(2026, 7, 1), FRIDAY, source="ecb", close="1335.27")

    series = usd("1m")

    assert (series.source, series.stale, days(series)[-1]) == ("ecb", False, FRIDAY)


@pytest.mark.django_db
def test_a_cross_is_told_by_a_provider_that_has_both():
    cover(date(2026, 10, 1), FRIDAY, source="ecos", close="1392.4")
    cover(date(2026, 10, 1), FRIDAY, source="ecb", close="1335.27")
    cover(date(2026, 10, 1), FRIDAY, source="ecb", code="JPY", close="10")

    assert usd("1w").source == "ecos"
    series = usd("1w", base="JPY")

    assert series.source == "ecb"
    assert {point.close for point in series.points} == {Decimal("133.527")}


@pytest.mark.django_db
def test_a_disabled_provider_tells_nothing():
    cover(date(2026, 10, 1), FRIDAY)
    make_provider("ecb", is_enabled=False)

    assert usd("1w") is None


@pytest.mark.django_db
def test_a_cross_has_only_the_days_on_which_both_were_observed():
    cover(date(2026, 10, 1), FRIDAY)
    make_latest(currency_code="JPY", rate_date=date(2026, 10, 29), first_date=date(2026, 10, 1))
    for day in (26, 27, 29):
        make_bar(date(2026, 10, day), "10", currency_code="JPY")

    assert days(usd("1w", base="JPY")) == [date(2026, 10, day) for day in (26, 27, 29)]


# --- crosses ----------------------------------------------------------------------------------


def bar(opened: str, high: str, low: str, closed: str, count: int = 4) -> Point:
    return Point(FRIDAY, Decimal(opened), Decimal(high), Decimal(low), Decimal(closed), count)


def test_open_and_close_of_a_cross_are_exact_and_its_extremes_are_theirs():
    legs = {"USD": bar("1300", "1400", "1200", "1350", 4), "JPY": bar("10", "12", "8", "9", 3)}

    # 1300 / 10 = 130 and 1350 / 9 = 150; the highs 1400 and 12 need not be of one moment.
    assert _crossed(FRIDAY, legs, "USD", "JPY") == bar("130", "150", "130", "150", 3)


def test_prices_in_won_keep_their_own_extremes():
    legs = {"USD": bar("1300", "1400", "1200", "1350")}

    assert _crossed(FRIDAY, legs, "USD", "KRW") == legs["USD"]


def test_won_priced_in_dollars_are_the_reciprocal():
    legs = {"USD": bar("1250", "1400", "1200", "1000", 2)}

    assert _crossed(FRIDAY, legs, "KRW", "USD") == bar("0.0008", "0.001", "0.0008", "0.001", 2)


def test_a_cross_with_a_missing_leg_is_none():
    assert _crossed(FRIDAY, {"USD": bar("1", "1", "1", "1")}, "USD", "JPY") is None
    assert _price({"USD": Decimal(1)}, "USD", "JPY") is None


won = st.decimals("0.0001", "100000", places=10, allow_nan=False, allow_infinity=False)


@given(won, won, won)
def test_a_to_b_to_a_and_triangles_close_within_a_millionth(usd, jpy, thb):
    rates = {"USD": usd, "JPY": jpy, "THB": thb}

    def price(code: str, base: str) -> Decimal:
        found = _price(rates, code, base)
        assert found is not None
        return found

    for here, there in (("USD", "JPY"), ("USD", "KRW"), ("KRW", "THB")):
        assert abs(price(here, there) * price(there, here) - 1) < Decimal("1e-6")
    for way in (("USD", "JPY", "THB"), ("KRW", "USD", "THB")):
        around = price(way[0], way[1]) * price(way[1], way[2]) * price(way[2], way[0])
        assert abs(around - 1) < Decimal("1e-6")


@pytest.mark.django_db
def test_a_triangle_of_stored_bars_closes_within_a_millionth_in_open_and_close():
    # A lira of 2004 costs less than a tenth of a jeon: the smallest figures we hold.
    for code, opened, closed in (
        ("USD", "1186.35", "1190.01"),
        ("JPY", "10.4583", "10.5"),
        ("TRL", "0.0008", "0.0009"),
    ):
        make_latest(currency_code=code, first_date=FRIDAY)
        make_bar(
            close=closed, currency_code=code, open=Decimal(opened), high=Decimal(2000), low=Decimal("0.0001")
        )

    def of(code: str, base: str) -> Point:
        [point] = daily(code=code, base=base, period="1w", now=NOW).points
        return point

    first, second, third = of("USD", "JPY"), of("JPY", "TRL"), of("TRL", "USD")
    assert abs(first.open * second.open * third.open - 1) < Decimal("1e-6")
    assert abs(first.close * second.close * third.close - 1) < Decimal("1e-6")
    assert abs(first.close * of("JPY", "USD").close - 1) < Decimal("1e-6")


@pytest.mark.django_db
def test_a_cross_reaches_back_only_as_far_as_its_younger_leg():
    cover(date(2025, 1, 1), FRIDAY, source="ecos", close="1392.4")
    cover(date(2026, 9, 1), FRIDAY, source="ecos", code="JPY", close="9.1")
    cover(date(2025, 1, 1), FRIDAY, source="ecb", close="1335.27")
    cover(date(2025, 1, 1), FRIDAY, source="ecb", code="JPY", close="8.49")

    assert (usd("1m", base="JPY").source, usd("6m", base="JPY").source) == ("ecos", "ecb")


@pytest.mark.django_db
def test_a_cross_is_as_old_as_its_older_leg():
    cover(date(2026, 9, 1), FRIDAY, source="ecos", close="1392.4")
    cover(date(2026, 9, 1), date(2026, 10, 27), source="ecos", code="JPY", close="9.1")

    alone = usd("1w", base="JPY")

    assert (alone.source, alone.stale) == ("ecos", True)
    assert days(alone) == [date(2026, 10, day) for day in (21, 22, 23, 26, 27)]
    cover(date(2026, 9, 1), FRIDAY, source="ecb", close="1335.27")
    cover(date(2026, 9, 1), FRIDAY, source="ecb", code="JPY", close="8.49")
    assert usd("1w", base="JPY").source == "ecb"


@pytest.mark.django_db
def test_who_is_late_but_has_the_newest_day_is_not_replaced_by_who_is_punctual_and_older():
    cover(date(2026, 7, 1), date(2026, 10, 29), source="ecos", close="1392.4")  # Friday was due at 13:00
    cover(date(2026, 7, 1), date(2026, 10, 23), source="fred", close="1335.27")
    # A weekly release: the week up to Friday the 23rd came on Monday the 26th, the next is not due yet.
    make_provider("fred", publication_weekday=0, calendar="XFED", time_zone="America/New_York")

    series = usd("1w")

    assert (series.source, series.stale, days(series)[-1]) == ("ecos", True, date(2026, 10, 29))


# --- hours ------------------------------------------------------------------------------------


def observe(hour: int, minute: int, rate: str, code: str = "USD", **more) -> None:
    instant = datetime(2026, 10, 30, hour, minute, tzinfo=UTC)
    make_observation(currency_code=code, recorded_at=instant, deal_base_rate=rate, **more)


@pytest.mark.django_db
def test_hours_are_bars_of_the_observations_in_them_and_a_correction_counts_once():
    observe(9, 5, "1320")
    observe(9, 50, "9999")
    observe(9, 50, "1310", revision=1)
    observe(11, 0, "1330")
    make_latest(first_date=FRIDAY)

    series = hourly(code="USD", base="KRW", period="1w", now=NOW)

    nine, eleven = datetime(2026, 10, 30, 9, 0, tzinfo=UTC), datetime(2026, 10, 30, 11, 0, tzinfo=UTC)
    assert series.points == [
        Point(nine, Decimal(1320), Decimal(1320), Decimal(1310), Decimal(1310), 2),
        Point(eleven, Decimal(1330), Decimal(1330), Decimal(1330), Decimal(1330), 1),
    ]
    # 20 won up from 1310; ahead of the first hour nothing is known.
    assert [change for _, change, _ in series.with_changes()] == [None, Decimal(20)]


@pytest.mark.django_db
def test_hours_are_of_one_provider_too():
    observe(9, 5, "1335.27")
    observe(9, 10, "1392.4", source="ecos")
    observe(11, 0, "1336.1")
    for source in ("ecb", "ecos"):
        make_latest(source=source, first_date=FRIDAY)

    series = hourly(code="USD", base="KRW", period="1w", now=NOW)

    assert series.source == "ecos"
    assert [(point.at.hour, point.close, point.observations) for point in series.points] == [
        (9, Decimal("1392.4"), 1)
    ]


@pytest.mark.django_db
def test_an_hourly_cross_takes_both_figures_of_one_instant():
    observe(9, 5, "1300")
    observe(9, 5, "10", "JPY")
    observe(9, 30, "1400")  # no yen at that instant
    observe(10, 5, "1350")
    observe(10, 5, "9", "JPY")
    for code in ("USD", "JPY"):
        make_latest(currency_code=code, first_date=FRIDAY)

    points = hourly(code="USD", base="JPY", period="1w", now=NOW).points

    assert [(point.at.hour, point.close, point.observations) for point in points] == [
        (9, 130, 1),
        (10, 150, 1),
    ]


@pytest.mark.django_db
def test_hours_of_before_the_window_are_left_out():
    make_observation(rate_date=date(2026, 10, 23), deal_base_rate="1300")
    make_observation(rate_date=date(2026, 10, 26), deal_base_rate="1310")
    make_observation(deal_base_rate="1320")
    make_latest(first_date=date(2026, 10, 1))

    assert [point.close for point in hourly(code="USD", base="KRW", period="1w", now=NOW).points] == [
        1310,
        1320,
    ]


@pytest.mark.django_db
def test_the_bars_of_the_observations_and_the_hours_end_on_the_same_price():
    for hour, rate in ((8, "1320"), (9, "1310"), (12, "1330")):
        observe(hour, 0, rate)
    bars.rebuild(source="ecb", first=FRIDAY, last=FRIDAY)
    make_latest(first_date=FRIDAY)

    [day] = usd("1w").points
    hours = hourly(code="USD", base="KRW", period="1w", now=NOW).points

    assert (day.open, day.close) == (hours[0].open, hours[-1].close) == (1320, 1330)
    assert (day.high, day.low) == (max(each.high for each in hours), min(each.low for each in hours))
    assert LatestRate.objects.count() == 1
