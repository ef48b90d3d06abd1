"""What the control room tells of the forecasts: those whose band has held too few outcomes, or too many."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.operators.control_room import Panel, Told
from history.models import ForecastBacktest

_SHOWN = 6


def _forecasts(now: datetime) -> Told:
    from history.backtest import ENOUGH, TOLERATED, WATCHED  # NumPy, which no other panel needs

    watched = ForecastBacktest.objects.filter(horizon__in=WATCHED, observations__gte=ENOUGH)
    off = watched.filter(Q(coverage__lt=TOLERATED[0]) | Q(coverage__gt=TOLERATED[1]))
    rows = list(off.order_by("currency_code", "base_code", "source", "horizon")[: _SHOWN + 1])
    facts = {
        "rows": rows[:_SHOWN],
        "are_more": len(rows) > _SHOWN,
        "band": [100 * edge for edge in TOLERATED],
    }
    return Told(facts, "watch" if rows else "well")


forecasts = Panel(
    title=_("Forecasts off their band"),
    template="history/panels/forecasts.html",
    tell=_forecasts,
    permission="history.view_forecastbacktest",
)
