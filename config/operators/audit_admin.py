"""The log of everything operators did, with their reasons: looked at, never edited."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.evidence import EvidenceAdmin
from config.operators.day_filter import DayFilter

_TOLD: Any = gettext_lazy("What and why")


class ByDay(DayFilter):
    """Of one day of Seoul."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.day is None:
            return queryset
        begins = datetime.combine(self.day, time(), ZoneInfo("Asia/Seoul"))
        return queryset.filter(action_time__gte=begins, action_time__lt=begins + timedelta(days=1))


@admin.register(LogEntry)
class AuditAdmin(EvidenceAdmin[LogEntry]):
    list_display = ("action_time", "user", "content_type", "object_repr", "told")
    list_filter = (ByDay, "action_flag")
    list_select_related = ("user", "content_type")
    search_fields = ("user__username", "object_repr", "change_message")
    ordering = ("-pk",)
    fields = ("action_time", "user", "content_type", "object_id", "object_repr", "told")
    readonly_fields = fields

    @display(description=_TOLD)
    def told(self, entry: LogEntry) -> str:
        if entry.is_deletion() and not entry.change_message:
            return entry.get_action_flag_display()
        return entry.get_change_message() or entry.get_action_flag_display()
