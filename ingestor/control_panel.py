"""What the control room tells of collection, and of what it has held back."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.operators.control_room import Panel, State, Told
from ingestor.models import Outcome, QuarantinedRate
from ingestor.models import State as Decision
from ingestor.outcome_strip import drawn
from ingestor.provider_states import ProviderState, standing

#: A held rate is a rate that nobody sees: after so long an operator is late.
_PATIENCE = timedelta(hours=12)
_ILL, _WATCH = {"resting", "failing"}, {"late", "empty"}


def _collection(now: datetime) -> Told:
    providers, prices = standing(now)
    words = {one.word for one in providers}
    state: State = "ill" if words & _ILL else "watch" if words & _WATCH else "well"
    is_stopped = any(one.backfill is not None and not one.backfill.is_running for one in providers)
    if state == "well" and (is_stopped or any(one.word == "failing" for one in prices)):
        state = "watch"
    shown: list[dict[str, Any]] = [{"is": one, "strip": _strip(one, now)} for one in providers]
    has_schedule = bool(settings.CELERY_BROKER_URL)
    return Told({"providers": shown, "prices": prices, "has_schedule": has_schedule}, state)


def _strip(one: ProviderState, now: datetime) -> str:
    counts = Counter(run.outcome for run in one.runs)
    if not counts:
        label = _("No run in 24 hours.")
    else:
        runs = ngettext("%(count)d run in 24 hours", "%(count)d runs in 24 hours", len(one.runs))
        failed = ngettext("%(count)d failed", "%(count)d failed", counts[Outcome.FAILURE])
        label = f"{runs % {'count': len(one.runs)}}, {failed % {'count': counts[Outcome.FAILURE]}}."
    return drawn([(run.started_at, run.outcome) for run in one.runs], now=now, label=label)


def _quarantine(now: datetime) -> Told:
    waiting = QuarantinedRate.objects.filter(state=Decision.WAITING)
    told = waiting.aggregate(count=Count("pk"), oldest=Min("held_at"))
    is_old = told["oldest"] is not None and now - told["oldest"] > _PATIENCE
    return Told(told, "ill" if is_old else "watch" if told["count"] else "well")


collection = Panel(
    title=gettext_lazy("Collection"),
    template="ingestor/panels/collection.html",
    tell=_collection,
    permission="ingestor.view_collectionlog",
    is_wide=True,
)
quarantine = Panel(
    title=gettext_lazy("Rates held back"),
    template="ingestor/panels/quarantine.html",
    tell=_quarantine,
    permission="ingestor.view_quarantinedrate",
)
