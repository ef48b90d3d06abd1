"""Is there anything new to ask a provider for? Ticks come every few minutes, publications once a day."""

from datetime import date, datetime, timedelta

import structlog
from django.db.models import Max, OuterRef, QuerySet, Subquery

from currency.models import LatestRate, Provider
from currency.schedule import Schedule, due_at, is_stale, publishes_on
from ingestor import registry, run
from ingestor.models import CollectionLog, Outcome, Trigger
from ingestor.registry import PriceProfile
from ingestor.result import RunResult

#: How often figures that are there already are asked for once more: providers correct them.
CORRECTIONS = timedelta(hours=1)

log = structlog.get_logger(__name__)


def is_due(schedule: Schedule, *, newest: date | None, asked_at: datetime | None, now: datetime) -> bool:
    """Whether to ask now, given the newest rate date held and when the provider last answered.

    From the hour of a publication on every tick asks, until its figures are there; afterwards every
    `CORRECTIONS`. A run that failed is no answer, so the next tick repeats it.
    """
    if newest is None or asked_at is None or now - asked_at >= CORRECTIONS:
        return True
    # `is_stale` forgives a delay of some hours, and it is then that asking is worth most.
    return is_stale(schedule, newest, now + timedelta(minutes=schedule.grace_minutes))


def next_ask(
    schedule: Schedule, *, newest: date | None, asked_at: datetime | None, now: datetime
) -> datetime:
    """From when on `is_due` says yes, UTC; never before `now`."""
    if newest is None or asked_at is None:
        return now
    day = newest + timedelta(days=1)
    while not publishes_on(schedule.calendar, day):
        day += timedelta(days=1)
    readable = due_at(schedule, day) - timedelta(minutes=schedule.grace_minutes)
    return max(now, min(asked_at + CORRECTIONS, readable))


def collect_if_due(key: str, *, now: datetime) -> RunResult | None:
    """Collect the newest figures of a source if it may have any; None when it was not asked.

    A provider that is disabled or not configured is not. One query to decide. Safe to call twice.
    Raises: Provider.DoesNotExist; whatever `run.collect` raises.
    """
    return run.collect(key, trigger=Trigger.SCHEDULE, now=now) if may_have_news(key, now=now) else None


def may_have_news(key: str, *, now: datetime) -> bool:
    """Whether to ask a source for its newest figures now. One query. Raises: Provider.DoesNotExist."""
    if price := registry.price_profiles().get(key):
        may = _may_have_prices(price, now)
    else:
        may = _may_have_rates(key, now)
    if not may:
        log.debug("nothing_new_expected", provider=key)
    return may


def _may_have_rates(key: str, now: datetime) -> bool:
    newest = LatestRate.objects.filter(source=key).order_by().values("source").annotate(day=Max("rate_date"))
    provider = Provider.objects.annotate(
        newest=Subquery(newest.values("day")), asked_at=Subquery(answered(key).values("ended_at")[:1])
    ).get(key=key)
    if not provider.is_enabled or not registry.is_configured(key):
        return False
    return is_due(provider, newest=provider.newest, asked_at=provider.asked_at, now=now)


def _may_have_prices(profile: PriceProfile, now: datetime) -> bool:
    """Prices come twice a year, or once: asked for every few days, and at every tick until one answers."""
    asked_at = answered(profile.key).values_list("ended_at", flat=True).first()
    if not registry.is_configured(profile.key):
        return False
    return asked_at is None or now - asked_at >= timedelta(days=profile.ask_every_days)


def answered(key: str | OuterRef) -> QuerySet[CollectionLog]:
    """Runs that asked for the newest figures and were answered, the last one first."""
    return _answered().filter(provider=key).order_by("-started_at")


def has_anybody_answered(*, since: datetime) -> bool:
    """Whether any source was asked for its newest figures, and answered, after `since`. One query."""
    return _answered().filter(ended_at__gt=since).exists()


def _answered() -> QuerySet[CollectionLog]:
    return CollectionLog.objects.filter(outcome__in=(Outcome.DATA, Outcome.NO_DATA)).exclude(
        trigger__in=(Trigger.BUNDLED, Trigger.BACKFILL)  # those ask for the past
    )
