"""Messages that failed as often as their queue allows: seen, replayed and dropped in the admin, for a reason."""

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from config.models import DeadLetter as Permissions
from config.operators.asking import Reason, ask
from config.operators.audit import note

if TYPE_CHECKING:
    from config.dead_letters import DeadLetter

    Act = Callable[[Collection[str] | None], Iterator[DeadLetter]]


class Decision(Reason):
    """`ids` are message ids; none of them, with `all`, means every message there is."""

    do = forms.ChoiceField(choices=[("replay", ""), ("drop", "")], widget=forms.HiddenInput)
    ids = forms.CharField(required=False, widget=forms.HiddenInput)
    all = forms.BooleanField(required=False, widget=forms.HiddenInput)


@admin.register(Permissions)
class DeadLettersAdmin(ModelAdmin):
    """There is no table: the queue itself is looked at, by whoever may."""

    def get_urls(self) -> list[URLPattern]:
        return [path("", self.admin_site.admin_view(self.page), name="platform_deadletter_changelist")]

    def page(self, request: HttpRequest) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            return self._decide(request)
        state, found = _look()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dead letters"),
            "opts": self.opts,
            "state": state,
            "letters": found,
            "queue": settings.DEAD_LETTER_QUEUE,
            "may_decide": self.has_change_permission(request),
        }
        return TemplateResponse(request, "operators/dead_letters.html", context)

    def _decide(self, request: HttpRequest) -> HttpResponse:
        if settings.CELERY_BROKER_URL != "sqs://":
            return redirect(request.path)
        do, is_all = request.POST.get("do", ""), bool(request.POST.get("all"))
        ids = request.POST.getlist("id") or request.POST.get("ids", "").split()
        if not is_all and not ids:
            messages.warning(request, _("Select the messages first."))
            return redirect(request.path)
        told = {"do": do, "ids": " ".join(ids), "all": "1" if is_all else ""}
        form = Decision(request.POST) if "why" in request.POST else Decision(initial=told)
        if not form.is_valid():
            what = _("Replay dead letters") if do == "replay" else _("Drop dead letters for good")
            about = [_("Every message of the queue")] if is_all else ids
            return ask(
                request,
                title=what,
                form=form,
                submit=what,
                template="operators/ask_about.html",
                about=about,
                back=request.path,
            )
        self._each(request, form.cleaned_data["do"], None if is_all else set(ids), form.cleaned_data["why"])
        return redirect(request.path)

    def _each(self, request: HttpRequest, do: str, wanted: set[str] | None, why: str) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        from config import dead_letters

        act: Act = dead_letters.replay if do == "replay" else dead_letters.drop
        what = _("Replayed") if do == "replay" else _("Dropped")
        done = stuck = 0
        try:
            for letter in act(wanted):
                if letter.queue is None and do == "replay":
                    stuck += 1
                    continue
                done += 1
                note(by=request.user, what=what, why=why, subject=f"{letter.task} {letter.message_id}")
        except (BotoCoreError, ClientError) as exc:
            messages.error(request, _("The queue did not answer: %(error)s") % {"error": type(exc).__name__})
        if done:
            messages.success(request, _("%(what)s: %(count)d") % {"what": what, "count": done})
        if stuck:
            messages.warning(request, _("%(count)d stay: no route leads to a queue.") % {"count": stuck})
        if wanted is not None and done + stuck < len(wanted):
            gone = len(wanted) - done - stuck
            messages.warning(
                request, _("%(count)d are not there, or held by another look.") % {"count": gone}
            )


def _look() -> tuple[str, list[Any]]:
    """(state of the page, the messages)."""
    if settings.CELERY_BROKER_URL != "sqs://":
        return "not kept", []
    # Where SQS is not the broker, boto3 need not be there.
    from botocore.exceptions import BotoCoreError, ClientError

    from config import dead_letters

    try:
        found = dead_letters.letters()
    except (BotoCoreError, ClientError):
        return "silent", []
    return ("some" if found else "none"), found
