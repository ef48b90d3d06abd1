"""When tasks run: django-celery-beat's own forms in the admin's theme, for administrators."""

from typing import Any

from django.contrib import admin
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
from config.operators.reasoned import ReasonedAdmin, ReasonedForm

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


@admin.register(CrontabSchedule)
class CrontabAdmin(CrontabScheduleAdmin, OperatorsAdmin[Any]):
    inlines = []


@admin.register(ClockedSchedule)
class ClockedAdmin(ClockedScheduleAdmin, OperatorsAdmin[Any]):
    inlines = []


@admin.register(IntervalSchedule)
class IntervalAdmin(OperatorsAdmin[Any]):
    pass
