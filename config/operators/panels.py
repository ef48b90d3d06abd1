"""The platform's own panels: queues, API keys, and what operators did last."""

from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from config.operators.control_room import Panel, Told

#: A queue this long is hours behind at the pace of one worker.
_LONG = 500
#: Shown of each; the lists themselves have the rest.
_SHOWN = 6
_ACTIVITY = timedelta(days=7)


def _queues(now: datetime) -> Told:
    from config import heartbeat  # whose model is there once apps are
    from config.queue_depth import depths  # Celery, which few requests need

    found = depths()
    dead = sum(each.waiting for each in found if each.is_dead_letters)
    is_long = any(each.waiting > _LONG for each in found)
    schedule = heartbeat.summary(now)
    is_silent = schedule["status"] == "degraded"
    facts = {"depths": found, "dead": dead, "beat_at": schedule["last_run"], "is_silent": is_silent}
    return Told(facts, "ill" if dead or is_silent else "watch" if is_long else "well")


def _keys(now: datetime) -> Told:
    from config.api.key_use import keys_near_their_limit  # whose model is there once apps are

    near = keys_near_their_limit(now)
    return Told({"keys": near}, "watch" if near else "well")


def _activity(now: datetime) -> Told:
    entries = LogEntry.objects.filter(action_time__gte=now - _ACTIVITY).select_related("user", "content_type")
    return Told({"entries": list(entries.order_by("-action_time")[:_SHOWN])})


queues = Panel(
    title=_("Queues"),
    template="operators/panels/queues.html",
    tell=_queues,
    permission="ingestor.view_collectionlog",
)
keys = Panel(
    title=_("API keys near their limit"),
    template="operators/panels/keys.html",
    tell=_keys,
    permission="api.view_apikey",
)
activity = Panel(
    title=_("What operators did last"),
    template="operators/panels/activity.html",
    tell=_activity,
    permission="admin.view_logentry",
)
