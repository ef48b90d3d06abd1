"""The days a ranking looks at: whole Seoul days, the last of which is today."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from currency.schedule import SEOUL

#: Days of each period; `daily` is today alone.
SPANS = {"daily": 1, "weekly": 7, "monthly": 30}
PERIODS = tuple(SPANS)


@dataclass(frozen=True, slots=True)
class Window:
    """From `first` to `last`, both included."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def before(self) -> "Window":
        """As many days, ending the day before this begins."""
        length = self.last - self.first + timedelta(days=1)
        return Window(self.first - length, self.first - timedelta(days=1))

    def told(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}


def seoul_day(moment: datetime) -> date:
    """The calendar day in Seoul at an aware instant."""
    return moment.astimezone(SEOUL).date()


def last_days(count: int, today: date) -> Window:
    return Window(today - timedelta(days=count - 1), today)


def window_of(period: str, today: date) -> Window:
    """Raises: ValueError for a period that is not one of PERIODS."""
    if period not in SPANS:
        raise ValueError(f"no period {period!r}: expected one of {', '.join(PERIODS)}")
    return last_days(SPANS[period], today)
