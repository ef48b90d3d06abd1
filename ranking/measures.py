"""How old the rankings are: what the platform tells CloudWatch and Prometheus once a minute."""

from datetime import datetime

from config.observability.measure import Measure, Unit
from ranking.stores import store
from ranking.window import PERIODS


def measures(now: datetime) -> list[Measure]:
    """Seconds since each period's ranking in force was computed. Raises: StoreUnavailable."""
    kept = store().documents(PERIODS)
    return [
        Measure(
            "RankingAge",
            (now - datetime.fromisoformat(document.body["calculated_at"])).total_seconds(),
            Unit.SECONDS,
            {"Period": period},
        )
        for period, document in kept.items()
    ]
