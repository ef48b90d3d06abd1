"""Admin pages of figures that are evidence: operators look, nobody edits."""

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

_Row = TypeVar("_Row", bound=Model)


class EvidenceAdmin(admin.ModelAdmin[_Row]):
    """A list and a page for each row, all of it read-only."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False
