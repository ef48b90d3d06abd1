"""What every list of the admin is built on: one look, a search, an export; evidence is looked at only.

Sub-classes write `OperatorsAdmin[Row]` or `EvidenceAdmin[Row]`, as with `admin.ModelAdmin[Row]`.
"""

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model
from django.http import HttpRequest
from unfold.paginator import InfinitePaginator

if TYPE_CHECKING:
    # The theme's own class carries no types, and hides those of Django's.
    from django.contrib.admin import ModelAdmin as ThemedAdmin
else:
    from unfold.admin import ModelAdmin as ThemedAdmin

_Row = TypeVar("_Row", bound=Model)


class OperatorsAdmin(ThemedAdmin[_Row]):
    """A table that operators edit, in the admin's theme."""

    show_full_result_count = False
    list_filter_sheet = True


class EvidenceAdmin(OperatorsAdmin[_Row]):
    """A list and a page for each row, all of it read-only; never counted, however long the table is."""

    paginator = InfinitePaginator

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False
