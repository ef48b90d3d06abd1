"""When a provider sets and publishes its rates, and so whether what we hold is old.

A calendar is a hint, not a law: temporary Korean holidays are decreed weeks ahead, and a pinned
calendar misses the next one. So "stale" is a word for readers, never an error.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays

SEOUL = ZoneInfo("Asia/Seoul")
#: The longest real gap between Korean fixings since 2006 is 11 days; 7 would leave a hole.
LOOK_BACK = timedelta(days=14)
CALENDARS = ("KR", "XECB", "XFED", "weekdays")


class Schedule(Protocol):
    """The part of a provider that says when; `currency.models.Provider` has it."""

    @property
    def time_zone(self) -> str: ...
    @property
    def fixing_time(self) -> time: ...
    @property
    def publication_time(self) -> time: ...
    @property
    def publication_weekday(self) -> int | None: ...
    @property
    def grace_minutes(self) -> int: ...
    @property
    def calendar(self) -> str: ...


@lru_cache(maxsize=256)
def _closed(calendar: str, year: int) -> frozenset[date]:
    if calendar == "KR":
        # Banks also close on 1 May, which before 2026 was no public holiday.
        return frozenset(holidays.country_holidays("KR", years=year, categories=("public", "bank")))
    if calendar in {"XECB", "XFED"}:
        return frozenset(holidays.financial_holidays(calendar, years=year))
    return frozenset()


def publishes_on(calendar: str, day: date) -> bool:
    """Whether there is a rate for `day`: a weekday that the calendar does not close.

    Raises: ValueError for a calendar that is none of `CALENDARS`.
    """
    if calendar not in CALENDARS:
        raise ValueError(f"no calendar {calendar!r}: expected one of {', '.join(CALENDARS)}")
    return day.weekday() < 5 and day not in _closed(calendar, day.year)


def is_trading_day(calendar: str, day: date) -> bool:
    """Whether a figure dated `day` belongs into a series of trading days.

    Where a bank publishes a rate there was trading, whatever a calendar that may be out of date says
    (and the Bank of Korea's Saturdays until 2006 were trading days). A provider of `weekdays` is no
    bank: it repeats itself through the week-end.
    """
    return calendar != "weekdays" or day.weekday() < 5


def last_publication_day(calendar: str, day: date) -> date:
    """`day` itself or the nearest day before it that has a rate."""
    while not publishes_on(calendar, day):
        day -= timedelta(days=1)
    return day


def fixing_instant(schedule: Schedule, rate_date: date) -> datetime:
    """When the rate dated `rate_date` (provider's zone) was set, UTC: its `recorded_at`."""
    local = datetime.combine(rate_date, schedule.fixing_time, ZoneInfo(schedule.time_zone))
    return local.astimezone(UTC)


def due_at(schedule: Schedule, rate_date: date) -> datetime:
    """When the rate dated `rate_date` ought to be readable at the latest, UTC."""
    day = rate_date
    if schedule.publication_weekday is not None:
        # A weekly release on Monday carries the week before; a closed Monday moves it to Tuesday.
        day += timedelta(days=7 - (day.weekday() - schedule.publication_weekday) % 7)
        while not publishes_on(schedule.calendar, day):
            day += timedelta(days=1)
    local = datetime.combine(day, schedule.publication_time, ZoneInfo(schedule.time_zone))
    return (local + timedelta(minutes=schedule.grace_minutes)).astimezone(UTC)


def expected_date(schedule: Schedule, now: datetime) -> date:
    """The newest rate date that ought to be readable at the aware instant `now`."""
    day = last_publication_day(schedule.calendar, now.astimezone(ZoneInfo(schedule.time_zone)).date())
    while due_at(schedule, day) > now:
        day = last_publication_day(schedule.calendar, day - timedelta(days=1))
    return day


def is_stale(schedule: Schedule, rate_date: date, now: datetime) -> bool:
    """Whether a newer rate than `rate_date` ought to be readable by now."""
    return rate_date < expected_date(schedule, now)


def next_publication(schedule: Schedule, now: datetime) -> datetime:
    """When the next figure is expected to be readable, UTC: by the calendar, without the days of grace."""
    grace = timedelta(minutes=schedule.grace_minutes)
    day = expected_date(schedule, now)
    while True:
        day += timedelta(days=1)
        if publishes_on(schedule.calendar, day) and (moment := due_at(schedule, day) - grace) > now:
            return moment


def instants_around(first: date, last: date) -> tuple[datetime, datetime]:
    """Half-open UTC bounds that hold every fixing of these rate dates, wherever it was set."""
    start = datetime.combine(first, time(), UTC) - timedelta(days=1)
    return start, datetime.combine(last, time(), UTC) + timedelta(days=2)
