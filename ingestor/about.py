"""What there is to say about the data now: each source and how old its newest figures are.

A word for readers is chosen on the page; here are the facts of it.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Max, Min, OuterRef, Subquery

from currency.catalog import KRW
from currency.freshness import Freshness, freshness
from currency.models import Currency, LatestRate, PriceObservation, Provider
from currency.schedule import SEOUL, fixing_instant, last_publication_day
from ingestor import registry
from ingestor.registry import PriceProfile, ProviderProfile

#: `asked`: collected from. `off`: an operator stopped it. `no_key`: it wants a key that is not set.
Use = Literal["asked", "off", "no_key"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSource:
    """A provider of rates. `freshness` is that of its newest day, None without a figure.

    `fixed_at` is Seoul's clock when that day's figure was set, a day later where `is_next_day`;
    `currencies` and `first_date` tell what we hold of it.
    """

    profile: ProviderProfile
    priority: int
    use: Use
    freshness: Freshness | None
    currencies: int
    first_date: date | None
    fixed_at: time
    is_next_day: bool

    @property
    def is_believed(self) -> bool:
        """Whether a figure of it can be the one that is shown."""
        return self.use == "asked" or (self.use == "no_key" and self.freshness is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSource:
    """A source of prices, and the day on its newest ones."""

    profile: PriceProfile
    newest: date | None
    countries: int
    fetched_at: datetime | None


def rate_sources(now: datetime) -> list[RateSource]:
    """Every provider of rates: the most believed first, those nobody can see last. One query."""
    newest = LatestRate.objects.filter(source=OuterRef("key")).order_by().values("source")
    rows: Any = Provider.objects.annotate(
        newest=Subquery(newest.annotate(told=Max("rate_date")).values("told")),
        as_of=Subquery(newest.annotate(told=Max("recorded_at")).values("told")),
        fetched_at=Subquery(newest.annotate(told=Max("fetched_at")).values("told")),
        currencies=Subquery(newest.annotate(told=Count("pk")).values("told")),
        first_date=Subquery(newest.annotate(told=Min("first_date")).values("told")),
    )
    found = [_rate_source(row, now) for row in rows if row.key in registry.profiles()]
    return sorted(found, key=lambda source: not source.is_believed)


def _rate_source(row: Any, now: datetime) -> RateSource:
    zone = ZoneInfo(row.time_zone)
    day = row.newest or last_publication_day(row.calendar, now.astimezone(zone).date())
    fixed_at = fixing_instant(row, day).astimezone(SEOUL)
    use: Use = "asked" if row.is_enabled else "off"
    return RateSource(
        profile=registry.profiles()[row.key],
        priority=row.priority,
        use=use if registry.is_configured(row.key) else "no_key",
        freshness=None
        if row.newest is None
        else freshness(
            row,
            observed_on=row.newest,
            as_of=row.as_of,
            fetched_at=row.fetched_at,
            provider_newest=row.newest,
            now=now,
        ),
        currencies=row.currencies or 0,
        first_date=row.first_date,
        fixed_at=fixed_at.time(),
        is_next_day=fixed_at.date() > day,
    )


def price_sources() -> list[PriceSource]:
    """Every source of prices. One query."""
    held = {
        row["source"]: row
        for row in PriceObservation.objects.order_by()
        .values("source")
        .annotate(
            newest=Max("observed_on"),
            countries=Count("country_code", distinct=True),
            fetched=Max("fetched_at"),
        )
    }
    nothing: dict[str, Any] = {"newest": None, "countries": 0, "fetched": None}
    return [
        PriceSource(
            profile=profile, newest=row["newest"], countries=row["countries"], fetched_at=row["fetched"]
        )
        for profile in registry.price_profiles().values()
        for row in [held.get(profile.source, nothing)]
    ]


def without_rate() -> list[str]:
    """Active currencies that no provider in use has a figure of, in display order. One query."""
    priced = LatestRate.objects.filter(currency_code=OuterRef("code"), provider__is_enabled=True)
    return list(
        Currency.objects.filter(~Exists(priced), is_active=True)
        .exclude(code=KRW)
        .values_list("code", flat=True)
    )
