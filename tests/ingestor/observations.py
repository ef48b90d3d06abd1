"""Valid observations by default; a test states only what matters to it."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ingestor.published import Observation, PublishedRate
from ingestor.recording import Origin
from ingestor.screening import Known

FRIDAY = date(2026, 10, 30)
MONDAY = date(2026, 11, 2)
#: Friday afternoon in Seoul.
NOW = datetime(2026, 10, 30, 5, 0, tzinfo=UTC)
ORIGIN = Origin("raw/ecos/2026/10/30/003000-0123456789ab.json.gz", NOW)


def fixed_on(day: date) -> datetime:
    """08:30 in Seoul."""
    return datetime.combine(day, time(8, 30), UTC) - timedelta(hours=9)


def observation(
    rate: str = "1336.1",
    *,
    code: str = "USD",
    day: date = FRIDAY,
    at: datetime | None = None,
    tts: str | None = None,
    ttb: str | None = None,
) -> Observation:
    value = Decimal(rate)
    return Observation(
        currency_code=code,
        recorded_at=at or fixed_on(day),
        rate_date=day,
        deal_base_rate=value,
        tts=None if tts is None else Decimal(tts),
        ttb=None if ttb is None else Decimal(ttb),
        published=PublishedRate(code, "KRW", 1, value, rate[:32], day),
    )


def sourced(*observations: Observation) -> list[tuple[Observation, Origin]]:
    return [(one, ORIGIN) for one in observations]


def known(rate: str | float, *, day: date) -> Known:
    return Known(fixed_on(day), day, Decimal(str(rate)))


def days_before(day: date, count: int) -> list[date]:
    """`count` calendar days before `day`, oldest first."""
    return [day - timedelta(days=back) for back in range(count, 0, -1)]


def stored(model: Any, *columns: str) -> list[Any]:
    """All rows of a table, in the order of the columns asked for."""
    return sorted(model.objects.values_list(*columns))
