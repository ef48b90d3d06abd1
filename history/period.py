"""Windows of time as the API names them: 1w, 1m, 3m, 6m, 1y, 5y, max."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

PERIODS = {
    "1w": relativedelta(weeks=1),
    "1m": relativedelta(months=1),
    "3m": relativedelta(months=3),
    "6m": relativedelta(months=6),
    "1y": relativedelta(years=1),
    "5y": relativedelta(years=5),
    "max": None,
}
#: Periods short enough for hours.
HOURLY = ("1w", "1m")


def first_day(period: str, newest: date) -> date:
    """The first day of the window that ends on `newest`, the newest trading day with data.

    Half-open at its start: a week is the five trading days after the same weekday of the week
    before. `max` begins before any rate there is.
    """
    length = PERIODS[period]
    return date(1950, 1, 1) if length is None else newest - length + timedelta(days=1)
