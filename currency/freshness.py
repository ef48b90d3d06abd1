"""How old a rate is, in the words of its own provider's calendar.

`fresh`      the newest there can be: the next one is not due, and no closed day has passed since.
`carried`    the newest there can be, told on over days without one: a week-end, a holiday.
`late`       a newer one ought to be readable by now.
`suspended`  the provider has gone on without this currency for more than two weeks.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from currency.schedule import LOOK_BACK, SEOUL, Schedule, is_stale, next_publication, publishes_on

State = Literal["fresh", "carried", "late", "suspended"]
STATES: tuple[State, ...] = ("fresh", "carried", "late", "suspended")


@dataclass(frozen=True, slots=True)
class Freshness:
    """Instants are UTC; `observed_on` is the trading day on the figure, in the provider's zone.

    `age_days` counts the days since then on which the provider publishes; `as_of` is when the rate
    was fixed, `next_expected_at` when the next publication can be read.
    """

    observed_on: date
    as_of: datetime
    fetched_at: datetime
    next_expected_at: datetime
    age_days: int
    state: State

    @property
    def is_old(self) -> bool:
        """Whether a newer rate ought to be readable."""
        return self.state in {"late", "suspended"}

    def told(self) -> dict[str, Any]:
        """As answers carry it, under `freshness`."""
        return asdict(self)


def freshness(
    schedule: Schedule,
    *,
    observed_on: date,
    as_of: datetime,
    fetched_at: datetime,
    provider_newest: date,
    now: datetime,
) -> Freshness:
    """How old a provider's rate of `observed_on` is at `now` (aware).

    `provider_newest` is the newest rate date it has of any currency.
    """
    today = now.astimezone(ZoneInfo(schedule.time_zone)).date()
    since = [observed_on + timedelta(days=step + 1) for step in range((today - observed_on).days)]
    age = sum(publishes_on(schedule.calendar, day) for day in since)
    state: State = "fresh" if age == len(since) else "carried"
    if provider_newest - observed_on > LOOK_BACK:
        state = "suspended"
    elif is_stale(schedule, observed_on, now):
        state = "late"
    return Freshness(observed_on, as_of, fetched_at, next_publication(schedule, now), age, state)


def of_an_operator(set_at: datetime, expires_at: datetime, now: datetime) -> Freshness:
    """Of a rate that operators have set: vouched for until it expires, when what is published comes next.

    Its days are Seoul's, and `age_days` counts the Korean banking days since it was set.
    """
    day, today = set_at.astimezone(SEOUL).date(), now.astimezone(SEOUL).date()
    age = sum(publishes_on("KR", day + timedelta(days=step + 1)) for step in range((today - day).days))
    return Freshness(day, set_at, set_at, expires_at, age, "fresh")


def older(one: Freshness, other: Freshness) -> Freshness:
    """The one that says more against a figure made of both."""
    return max(one, other, key=lambda each: (STATES.index(each.state), each.age_days))
