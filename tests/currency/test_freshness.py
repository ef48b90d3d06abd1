"""How old a rate is, by its own provider's calendar; dates and closed days are those of 2026."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from currency.freshness import STATES, Freshness, freshness, older
from currency.models import Provider

FETCHED = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)

BANK = Provider(
    key="bank",
    time_zone="Asia/Seoul",
    fixing_time=time(8, 30),
    publication_time=time(11, 0),
    calendar="KR",
    grace_minutes=60,
)
WEEKLY = Provider(
    key="weekly",
    time_zone="America/New_York",
    fixing_time=time(12, 0),
    publication_time=time(16, 15),
    publication_weekday=0,
    calendar="XFED",
    grace_minutes=0,
)


def seoul(day: int, hour: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC) - timedelta(hours=9)


def of(day: date, now: datetime, *, newest: date | None = None, provider: Provider = BANK) -> Freshness:
    return freshness(
        provider,
        observed_on=day,
        as_of=FETCHED,
        fetched_at=FETCHED,
        provider_newest=newest or day,
        now=now,
    )


@pytest.mark.parametrize(
    ("day", "now", "state", "age"),
    [
        (date(2026, 11, 20), seoul(20, 18), "fresh", 0),  # Friday evening
        (date(2026, 11, 20), seoul(21, 10), "carried", 0),  # Saturday
        (date(2026, 11, 20), seoul(22, 23), "carried", 0),  # Sunday
        (date(2026, 11, 20), seoul(23, 9), "carried", 1),  # Monday before the bank has spoken
        (date(2026, 11, 20), seoul(23, 11), "carried", 1),  # an hour is forgiven
        (date(2026, 11, 20), seoul(23, 13), "late", 1),
        (
            date(2026, 11, 23),
            seoul(24, 9),
            "fresh",
            1,
        ),  # Tuesday morning: Monday's is the newest there can be
        (date(2026, 11, 20), seoul(27, 18), "late", 5),
        # Chuseok: Thursday 24 and Friday 25 September are closed.
        (date(2026, 9, 23), seoul(27, 12, 9), "carried", 0),
        (date(2026, 9, 23), seoul(28, 9, 9), "carried", 1),
        (date(2026, 9, 23), seoul(28, 18, 9), "late", 1),
    ],
)
def test_age_and_state_follow_the_providers_calendar(day, now, state, age):
    told = of(day, now)

    assert (told.state, told.age_days) == (state, age)


def test_a_weekly_release_is_not_late_until_the_next_one_is_due():
    # The week of Friday 13 November came on Monday the 16th; its successor is due on the 23rd.
    friday = date(2026, 11, 13)

    before = of(friday, datetime(2026, 11, 23, 21, 0, tzinfo=UTC), provider=WEEKLY)
    after = of(friday, datetime(2026, 11, 23, 22, 0, tzinfo=UTC), provider=WEEKLY)

    assert (before.state, after.state) == ("carried", "late")


def test_a_currency_its_provider_went_on_without_is_suspended():
    # The ECB's last rouble is of 1 March 2022.
    assert of(date(2022, 3, 1), seoul(20, 18), newest=date(2026, 11, 20)).state == "suspended"


@pytest.mark.parametrize(
    ("newest", "state"), [(date(2026, 11, 14), "late"), (date(2026, 11, 16), "suspended")]
)
def test_two_weeks_without_a_currency_are_forgiven(newest, state):
    assert of(date(2026, 10, 31), seoul(20, 18), newest=newest).state == state


def test_a_provider_that_fell_silent_altogether_is_late_not_suspended():
    assert of(date(2026, 6, 1), seoul(20, 18), newest=date(2026, 6, 1)).state == "late"


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (seoul(20, 9), seoul(20, 11)),
        (seoul(20, 12), seoul(23, 11)),  # Friday noon: on Monday
        (seoul(23, 18, 9), seoul(28, 11, 9)),  # before Chuseok
    ],
)
def test_the_next_figure_is_expected_when_the_calendar_says(now, expected):
    assert of(date(2026, 9, 22), now).next_expected_at == expected


days = st.dates(date(2026, 1, 1), date(2026, 11, 1))
instants = st.integers(0, 60 * 24).map(lambda hours: seoul(2, 0) + timedelta(hours=hours))


@given(days, instants, instants)
def test_a_rate_only_grows_older(day, one, other):
    earlier, later = sorted((one, other))

    assert 0 <= of(day, earlier).age_days <= of(day, later).age_days


@given(days, days, instants)
def test_of_two_the_worse_is_told_whichever_comes_first(one, other, now):
    first, second = of(one, now, newest=date(2026, 11, 1)), of(other, now, newest=date(2026, 11, 1))

    assert older(first, second).age_days == older(second, first).age_days
    assert STATES.index(older(first, second).state) == max(
        STATES.index(first.state), STATES.index(second.state)
    )
