"""What the control room tells of the rankings: how old the snapshots in force are."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from config.operators.control_room import Panel, Told
from ranking.health import EVERY
from ranking.stores import store
from ranking.window import PERIODS


def _rankings(now: datetime) -> Told:
    kept = store().documents(PERIODS)
    ages = {
        period: datetime.fromisoformat(kept[period].body["calculated_at"]) if period in kept else None
        for period in PERIODS
    }
    # Without a broker nothing is scheduled: a ranking is computed when it is asked for.
    is_scheduled = bool(settings.CELERY_BROKER_URL)
    is_old = is_scheduled and any(age is None or now - age > 3 * EVERY for age in ages.values())
    return Told({"ages": ages, "is_scheduled": is_scheduled}, "watch" if is_old else "well")


rankings = Panel(
    title=_("Rankings"),
    template="ranking/panels/rankings.html",
    tell=_rankings,
    permission="ranking.view_rankingresult",
)
