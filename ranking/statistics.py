"""How one country did, day by day."""

from dataclasses import dataclass
from datetime import date, datetime

from currency import destinations
from ranking.scoring import ranks
from ranking.stores import store
from ranking.tally import scores, tally
from ranking.window import last_days, seoul_day


@dataclass(frozen=True, slots=True)
class DayLine:
    """A Seoul day: what the country scored, and its rank among all; None where it scored nothing."""

    date: date
    count: int
    rank: int | None


@dataclass(frozen=True, slots=True)
class CountryStatistics:
    """Counts are scores, as in the rankings. `breakdown` has every day, newest first."""

    total_selections: int
    daily_average: float
    #: The newest of the best days; None where nothing was selected.
    peak_day: date | None
    peak_selections: int
    #: Percent against as many days before; None when those were empty.
    growth_rate: float | None
    breakdown: list[DayLine]


def country_statistics(country_code: str, days: int, *, now: datetime) -> CountryStatistics:
    """The last `days` Seoul days, today included. Raises: StoreUnavailable."""
    today = seoul_day(now)
    window = last_days(days, today)
    counts = tally(store(), [*window.before().days(), *window.days()], today=today)
    # Its own days are told even while it is no destination; its rank is among those that are.
    among = destinations.active() | {country_code}
    lines = []
    for day in window.days():
        scored = scores(counts[day], among)
        lines.append(DayLine(day, scored.get(country_code, 0), ranks(scored).get(country_code)))
    lines.reverse()
    total = sum(line.count for line in lines)
    before = sum(scores(counts[day], among).get(country_code, 0) for day in window.before().days())
    peak = max(lines, key=lambda line: line.count)
    return CountryStatistics(
        total_selections=total,
        daily_average=round(total / days, 2),
        peak_day=peak.date if peak.count else None,
        peak_selections=peak.count,
        growth_rate=round(100 * (total - before) / before, 2) if before else None,
        breakdown=lines,
    )
