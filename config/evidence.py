"""What every list of the admin is built on: one look, an export; evidence is looked at and never edited.

Sub-classes write `OperatorsAdmin[Row]` or `EvidenceAdmin[Row]`, as with `admin.ModelAdmin[Row]`.
"""

from typing import TYPE_CHECKING, ClassVar, TypeVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from config.operators import csv_export
from config.operators.uncounted import InfinitePaginator

if TYPE_CHECKING:
    # The theme's own class carries no types, and hides those of Django's.
    from django.contrib.admin import ModelAdmin as ThemedAdmin
else:
    from unfold.admin import ModelAdmin as ThemedAdmin

_Row = TypeVar("_Row", bound=Model)


class OperatorsAdmin(ThemedAdmin[_Row]):
    """A table that operators edit, in the admin's theme; whoever sees the list may take it away as CSV.

    `never_exported` names columns that are no figures, such as hashes of secrets; nobody filters by them
    either, which would tell them letter by letter.
    """

    list_filter_sheet = True
    list_per_page = 50  # the theme takes about 2 ms of a processor for each row
    never_exported: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        is_hidden = lookup.partition("__")[0] in self.never_exported
        return not is_hidden and super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        options = self.model._meta
        name = f"{options.app_label}_{options.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The rows that search and filters leave, every column of each; too many are refused, never cut off."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(f"../?{request.GET.urlencode()}")  # where the list says so
        if found.order_by()[csv_export.MOST : csv_export.MOST + 1].exists():
            told = _("These are more than %(most)s rows: search or filter, then export.")
            self.message_user(request, told % {"most": f"{csv_export.MOST:,}"}, messages.WARNING)
            return redirect(f"../?{request.GET.urlencode()}")
        left_out = {*self.never_exported, *(self.get_exclude(request) or ())}
        columns = [field.attname for field in self.model._meta.concrete_fields if field.name not in left_out]
        rows = found.values_list(*columns).iterator(chunk_size=2000)
        return csv_export.answer(name=self.model._meta.db_table, header=columns, rows=rows, told=tuple)


class EvidenceAdmin(OperatorsAdmin[_Row]):
    """A list and a page for each row, all of it read-only; never counted, however long the table is."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: _Row | None = None) -> bool:
        return False


class LongEvidenceAdmin(EvidenceAdmin[_Row]):
    """Of tables with millions of rows: sorted and filtered only in ways that an index serves."""

    sortable_by = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only what the list's own filters ask for, not any column that somebody writes into an address."""
        return lookup in {getattr(each, "parameter_name", None) for each in self.get_list_filter(request)}
