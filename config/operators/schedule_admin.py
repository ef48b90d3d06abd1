"""When tasks run: django-celery-beat's own forms in the admin's theme, for administrators."""

import json
from typing import Any

import structlog
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.admin import (
    ClockedScheduleAdmin,
    CrontabScheduleAdmin,
    PeriodicTaskAdmin,
    PeriodicTaskForm,
    TaskSelectWidget,
)
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.evidence import OperatorsAdmin
from config.operators.reasoned import ReasonedAdmin, ReasonedForm, asked, each_noted

log = structlog.get_logger(__name__)

for _model in (PeriodicTask, CrontabSchedule, IntervalSchedule, ClockedSchedule, SolarSchedule):
    admin.site.unregister(_model)


class TaskSelect(UnfoldAdminSelectWidget, TaskSelectWidget):
    pass


class TaskForm(PeriodicTaskForm):
    why = ReasonedForm.base_fields["why"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "regtask" in self.fields:
            self.fields["regtask"].widget = TaskSelect()
        if "task" in self.fields:
            self.fields["task"].widget = UnfoldAdminTextInputWidget()


@admin.register(PeriodicTask)
class TaskAdmin(PeriodicTaskAdmin, ReasonedAdmin[Any]):
    form = TaskForm
    # Theirs run a script inline, which explains a crontab that the select names already.
    change_form_template = None  # type: ignore[assignment]
    change_list_template = None
    date_hierarchy = None  # type: ignore[assignment]
    list_filter = ["enabled", "one_off"]
    # Theirs can be done by whoever sees the list, and leave no note.
    actions = ("enable", "disable", "run_now")  # type: ignore[assignment]

    @admin.action(description=gettext_lazy("Enable selected tasks"), permissions=["change"])
    def enable(self, request: HttpRequest, chosen: QuerySet[PeriodicTask]) -> HttpResponse | None:
        return self._switch(request, chosen, _("Enabled"), is_enabled=True)

    @admin.action(description=gettext_lazy("Disable selected tasks"), permissions=["change"])
    def disable(self, request: HttpRequest, chosen: QuerySet[PeriodicTask]) -> HttpResponse | None:
        return self._switch(request, chosen, _("Disabled"), is_enabled=False)

    def _switch(
        self, request: HttpRequest, chosen: QuerySet[PeriodicTask], what: str, *, is_enabled: bool
    ) -> HttpResponse | None:
        told = asked(request, chosen, title=what, submit=what)
        if isinstance(told, HttpResponse):
            return told

        def switch(task: PeriodicTask) -> None:
            task.enabled = is_enabled
            task.save()  # type: ignore[no-untyped-call]

        done = each_noted(request, chosen, what=what, why=told.cleaned_data["why"], do=switch)
        self.message_user(request, _("%(what)s: %(count)d") % {"what": what, "count": done}, messages.SUCCESS)
        return None

    @admin.action(description=gettext_lazy("Run selected tasks"), permissions=["change"])
    def run_now(self, request: HttpRequest, chosen: QuerySet[PeriodicTask]) -> HttpResponse | None:
        what = _("Run now")
        told = asked(request, chosen, title=what, submit=what)
        if isinstance(told, HttpResponse):
            return told
        # Noted first: where there is no broker they run here, in transactions of their own.
        each_noted(request, chosen, what=what, why=told.cleaned_data["why"], do=lambda _: None)
        for task in chosen:
            self._run(request, task)
        return None

    def _run(self, request: HttpRequest, task: PeriodicTask) -> None:
        from config.celery import QueueUnavailable, enqueue  # celery, which the web tier starts without

        try:
            enqueue(task.task, json.loads(task.kwargs or "{}"))
        except (QueueUnavailable, ImportError, KeyError) as exc:
            # The broker is out, or the row names a task that this release does not have.
            log.warning("task_not_run", task=task.task, error=f"{type(exc).__name__}: {exc}")
            told = _("“%(task)s” could not be sent. Try again in a minute.") % {"task": task.name}
            self.message_user(request, told, messages.ERROR)
        else:
            told = _("“%(task)s” is on its way.") % {"task": task.name}
            self.message_user(request, told, messages.SUCCESS)


@admin.register(CrontabSchedule)
class CrontabAdmin(CrontabScheduleAdmin, OperatorsAdmin[Any]):
    inlines = []


@admin.register(ClockedSchedule)
class ClockedAdmin(ClockedScheduleAdmin, OperatorsAdmin[Any]):
    inlines = []


@admin.register(IntervalSchedule)
class IntervalAdmin(OperatorsAdmin[Any]):
    pass
