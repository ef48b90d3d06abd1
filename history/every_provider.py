"""The newest figure of a currency by each provider that has one, beside each other."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from currency.freshness import Freshness
from currency.models import LatestRate
from history.series import coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one provider says: KRW for one unit, and since when it has said anything."""

    source: str
    rate: Decimal
    first: date
    freshness: Freshness


def of_every_provider(code: str, now: datetime) -> list[Told]:
    """The figures of enabled providers, the most believed first. One query."""
    return [
        Told(
            source=row.source,
            rate=row.deal_base_rate,
            first=row.first_date,
            freshness=coverage([row], now).freshness,
        )
        for row in LatestRate.objects.believed().filter(currency_code=code)
    ]
