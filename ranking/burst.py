"""What a stretch of a day takes out of a country's counts, and how a day went by the hour. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from currency.schedule import SEOUL
from ranking.selection import Chosen, Count


@dataclass(frozen=True, slots=True)
class Span:
    """From `begins_at` until before `ends_at`."""

    begins_at: datetime
    ends_at: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.begins_at <= moment < self.ends_at


def span_of(day: date, begins: time, ends: time) -> Span:
    """Of a Seoul day; midnight as the end is the end of that day."""
    first = datetime.combine(day, begins, SEOUL)
    last = datetime.combine(day if ends != time() else day + timedelta(days=1), ends, SEOUL)
    return Span(first, last)


def taken_out(choices: Iterable[Chosen], spans: Sequence[Span]) -> list[Count]:
    """What each span takes out of one country and day beside those before it.

    A selection goes with the first span that holds it. A visitor goes when all of his selections have
    gone: who chose the country outside of the spans as well is counted still.
    """
    selections, visitors = [0] * len(spans), [0] * len(spans)
    gone_with: dict[str, int | None] = {}
    for choice in choices:
        place = next((place for place, span in enumerate(spans) if choice.selected_at in span), None)
        if place is not None:
            selections[place] += 1
        before = gone_with.get(choice.visitor, place)
        gone_with[choice.visitor] = None if before is None or place is None else max(before, place)
    for last in gone_with.values():
        if last is not None:
            visitors[last] += 1
    return [Count(*both) for both in zip(selections, visitors, strict=True)]


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a Seoul day: every selection in it, and how many visitors they are of."""

    hour: int
    selections: int
    visitors: int


def by_hour(choices: Iterable[Chosen]) -> list[Hour]:
    """The 24 hours of a Seoul day (it has no other number: there is no summer time)."""
    selections = [0] * 24
    visitors: list[set[str]] = [set() for _ in range(24)]
    for choice in choices:
        hour = choice.selected_at.astimezone(SEOUL).hour
        selections[hour] += 1
        visitors[hour].add(choice.visitor)
    return [Hour(hour, selections[hour], len(visitors[hour])) for hour in range(24)]
