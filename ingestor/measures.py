"""How old each provider's figures are, and what waits for an operator: told once a minute."""

from datetime import datetime

from django.db.models import Max

from config.observability.measure import Measure, Unit
from currency.models import LatestRate
from currency.schedule import is_stale
from ingestor import health
from ingestor.models import QuarantinedRate, State


def measures(now: datetime) -> list[Measure]:
    """Seconds since each provider's newest fixing; how many have missed a publication; how many rates are held.

    A week-end lets an age grow and makes nobody stale: alarms watch StaleProviders. Three queries.
    """
    followed = health.followed()
    fixed = dict(
        LatestRate.objects.filter(source__in=[provider.key for provider in followed])
        .order_by()
        .values_list("source")
        .annotate(Max("recorded_at"))
    )
    stale = sum(provider.newest is None or is_stale(provider, provider.newest, now) for provider in followed)
    held = QuarantinedRate.objects.filter(state=State.WAITING).count()
    return [
        *(
            Measure("ProviderAge", (now - instant).total_seconds(), Unit.SECONDS, {"Provider": key})
            for key, instant in fixed.items()
        ),
        Measure("StaleProviders", stale, is_level=True),
        Measure("QuarantineHeld", held, is_level=True),
    ]
