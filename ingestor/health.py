"""Is collection well? For the health page, and for whoever watches the logs."""

from datetime import date, datetime
from functools import partial
from typing import Any

import structlog
from django.db.models import Max, OuterRef, Subquery

from config.commit import committed
from currency.models import LatestRate, Provider
from currency.schedule import expected_date, is_stale, next_publication
from ingestor import notices, registry
from ingestor.models import CollectionLog, Outcome

HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"

log = structlog.get_logger(__name__)


def summary(now: datetime) -> dict[str, Any]:
    """Of rates: `status`, `last_run` (when the last run ended) and `next_run` (the next publication), UTC.

    Healthy: no provider that we have figures of has missed a publication. Degraded: some have.
    Unhealthy: all have, or there are no figures at all. Two queries.
    """
    providers = followed()
    days: list[tuple[Provider, date]] = [(one, one.newest) for one in providers if one.newest is not None]
    stale = sum(is_stale(provider, day, now) for provider, day in days)
    ended = (
        CollectionLog.objects.exclude(outcome=Outcome.RUNNING)
        .exclude(provider__in=registry.price_profiles())
        .order_by("-started_at", "-pk")
        .values_list("ended_at", flat=True)
        .first()
    )
    works = HEALTHY if not stale else DEGRADED
    return {
        "status": works if stale < len(days) else UNHEALTHY,
        "last_run": ended,
        "next_run": min((next_publication(provider, now) for provider in providers), default=None),
    }


def tell_overdue(now: datetime) -> int:
    """Log a warning for each provider whose expected publication is not here; how many there are.

    The public record gets an incident for each, and the end of those that are over. A provider that
    we never had a figure of is missed by nobody. A second call, or another at once, changes nothing.
    """
    waited_for = followed()
    overdue = [
        provider
        for provider in waited_for
        if provider.newest is None or is_stale(provider, provider.newest, now)
    ]
    for provider in overdue:
        log.warning(
            "publication_missed",
            provider=provider.key,
            expected=str(expected_date(provider, now)),
            newest=None if provider.newest is None else str(provider.newest),
        )
    for provider in overdue:
        if provider.newest is not None:
            committed(partial(notices.outage, provider, have=provider.newest, now=now))
    keys = {provider.key for provider in waited_for}
    for key in set(notices.open_outages()) - {provider.key for provider in overdue}:
        end = "data" if key in keys else "unasked"
        committed(partial(notices.outage_over, key, end=end, now=now))
    return len(overdue)


def followed() -> list[Any]:
    """Providers that are enabled and configured, each with its `newest` rate date or None. One query."""
    newest = (
        LatestRate.objects.filter(source=OuterRef("key"))
        .order_by()
        .values("source")
        .annotate(day=Max("rate_date"))
    )
    return [
        provider
        for provider in Provider.objects.filter(is_enabled=True).annotate(
            newest=Subquery(newest.values("day"))
        )
        if provider.key in registry.profiles() and registry.is_configured(provider.key)
    ]
