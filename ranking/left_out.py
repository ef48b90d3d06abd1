"""What operators have left out of the rankings, as rankings read it; made by `exclusion`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ranking.selection import Count, DayCounts

#: The document in the selections' store: {day: {country: [selections, visitors]}}.
DOCUMENT = "excluded"


def without(counts: DayCounts, day: date, left_out: Mapping[str, Any]) -> DayCounts:
    """The counts of a day without what is left out of it: never less than nothing."""
    if (of_day := left_out.get(day.isoformat())) is None:
        return counts
    left = {country: count.without(Count(*of_day.get(country, (0, 0)))) for country, count in counts.items()}
    return {country: count for country, count in left.items() if count != Count()}
