"""A filter of a list by one day, typed or picked: nothing is read to offer it, however long the table is."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.contrib.admin import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class DayFilter(ListFilter):
    """Sub-classes say in `queryset` what a day means in their table: `self.day` is it, or None."""

    title = _("day")
    parameter_name = "day"
    template = "operators/day_filter.html"
    day: date | None = None

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        if told := "".join(params.pop(self.parameter_name, [])[-1:]):
            try:
                self.day = date.fromisoformat(told)
            except ValueError as exc:
                raise IncorrectLookupParameters(exc) from exc
            if self.day in {date.min, date.max}:
                raise IncorrectLookupParameters  # no day before or after it to count its hours from
            self.used_parameters[self.parameter_name] = told

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [self.parameter_name]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        kept = {
            name: values if isinstance(values, list) else [values]
            for name, values in changelist.filter_params.items()
            if name != self.parameter_name
        }
        yield {
            "name": self.parameter_name,
            "day": self.used_parameters.get(self.parameter_name, ""),
            "kept": kept,
        }
