"""An operator's "collect now": why it is asked for, then the run itself, or a worker's."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config.operators.asking import Reason, ask
from config.operators.audit import note
from ingestor import registry
from ingestor.models import Outcome, Trigger
from ingestor.result import BUSY, NOT_CONFIGURED, RunResult

PERMISSION = "ingestor.add_collectionlog"


def collect_now(request: HttpRequest, key: str) -> HttpResponse:
    """The page that asks why, and what follows from it. Raises: Http404; PermissionDenied."""
    if key not in registry.sources():
        raise Http404
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form = Reason(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note(by=request.user, what=f"collect now: {key}", why=form.cleaned_data["why"], subject=key)
        _collect(request, key)
        return redirect("admin:index")
    return ask(
        request,
        title=_("Collect now from %(provider)s") % {"provider": key},
        form=form,
        submit=_("Collect now"),
        template="ingestor/collect_ask.html",
        back=reverse("admin:index"),
        has_workers=bool(settings.CELERY_BROKER_URL),
        source=registry.sources()[key],
    )


def _collect(request: HttpRequest, key: str) -> None:
    if settings.CELERY_BROKER_URL:
        from config.celery import QueueUnavailable, enqueue

        try:
            enqueue("ingestor.collect_now", {"provider": key})
        except QueueUnavailable as exc:
            messages.error(request, _("The queue did not take it: %(reason)s") % {"reason": exc})
        else:
            messages.success(
                request, _("A worker has been asked; the collection log will tell how it ended.")
            )
        return
    from ingestor import run  # the pipeline, which other pages of the admin do without

    level, text = in_words(run.collect(key, trigger=Trigger.OPERATOR, now=datetime.now(UTC)))
    messages.add_message(request, level, text)


def in_words(result: RunResult) -> tuple[int, str]:
    """How a run ended, for the operator who asked for it: a level of Django's messages, and a sentence."""
    told: dict[str, str | int] = {"provider": result.provider, "reason": result.reason}
    if result.outcome == BUSY:
        return messages.WARNING, _("%(provider)s: another run is under way; nothing was asked.") % told
    if result.outcome == NOT_CONFIGURED:
        return messages.WARNING, _("%(provider)s has no key: %(reason)s.") % told
    if result.outcome == Outcome.FAILURE:
        return messages.ERROR, _("%(provider)s: the run failed. %(reason)s") % told
    if result.outcome == Outcome.NO_DATA:
        return messages.SUCCESS, _("%(provider)s says that there are no figures.") % told
    counts = result.counts
    told |= {
        "new": counts.new,
        "same": counts.same,
        "revised": counts.revised,
        "quarantined": counts.quarantined,
        "rejected": counts.rejected,
    }
    level = messages.WARNING if counts.quarantined or counts.rejected else messages.SUCCESS
    return level, _(
        "%(provider)s: %(new)s new, %(same)s known already, %(revised)s corrected, "
        "%(quarantined)s held back, %(rejected)s unusable."
    ) % told
