"""Prices that operators import: what a file would change, and the change, by one function.

`PriceResource.import_data` serves the admin's pages and `manage.py import_prices` alike. A file is
imported whole or not at all; the same file a second time changes nothing; another price for the same
country, item, day and source is a correction, kept as the next revision.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.html import format_html
from import_export.fields import Field
from import_export.resources import Diff, ModelResource
from import_export.results import Result
from tablib import Dataset

from config.cache import generation
from currency import price_file
from currency.models import PriceObservation
from currency.schedule import SEOUL

_Place = tuple[str, str, Any, str]


class Differences(Diff):  # type: ignore[misc]
    """Whole cells, before and after; the library marks letters, with the inline styles our pages refuse."""

    def as_html(self) -> list[str]:
        return [
            self._cell(str(before or ""), str(after or ""))
            for before, after in zip(self.left, self.right, strict=True)
        ]

    def _cell(self, before: str, after: str) -> str:
        if self.new or not before:
            return format_html("<ins>{}</ins>", after)
        return after if before == after else format_html("<del>{}</del> <ins>{}</ins>", before, after)


class PriceResource(ModelResource):  # type: ignore[misc]  # import-export carries no types
    """`now` (aware) is when the rows are said to be fetched, and ends what can have been observed."""

    country = Field(attribute="country_code", column_name="country")
    item = Field(attribute="item", column_name="item")
    price = Field(attribute="price", column_name="price")
    currency = Field(attribute="currency_code", column_name="currency")
    observed_on = Field(attribute="observed_on", column_name="observed_on")
    source = Field(attribute="source", column_name="source")
    source_url = Field(attribute="source_url", column_name="source_url")

    class Meta:
        model = PriceObservation
        fields = price_file.COLUMNS
        import_id_fields = ("country", "item", "observed_on", "source")
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        store_instance = True

    def __init__(self, *, now: datetime) -> None:
        super().__init__()
        self._now = now
        self._in_force: dict[_Place, PriceObservation] = {}
        self._lines: dict[_Place, int] = {}

    def get_diff_class(self) -> type[Differences]:
        return Differences

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        price_file.check_header(dataset.headers)
        if len(dataset) > price_file.MOST_ROWS:
            raise ValidationError(f"{len(dataset)} rows: at most {price_file.MOST_ROWS} are taken at once.")
        self._lines.clear()
        stored = PriceObservation.objects.filter(
            item__in={str(told).strip() for told in dataset["item"]},
            source__in={str(told).strip() for told in dataset["source"]},
        )
        self._in_force = {_place(row): row for row in stored.order_by("revision")}

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        today = self._now.astimezone(SEOUL).date()
        values = price_file.checked(row, today=today)
        told = PriceObservation(**values)
        first = self._lines.setdefault(_place(told), kwargs["row_number"])
        if first != kwargs["row_number"]:
            raise ValidationError({"country": f"the same price as in line {first + 1}: it can be told once"})
        if (known := self._in_force.get(_place(told))) is not None and known.archive_key:
            raise ValidationError({"source": f"{known.source} is collected by itself: name your own source"})
        for name, field in self.fields.items():
            row[name] = values[field.attribute]

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> PriceObservation | None:
        return self._in_force.get((row["country"], row["item"], row["observed_on"], row["source"]))

    def before_save_instance(self, instance: PriceObservation, row: dict[str, Any], **kwargs: Any) -> None:
        if instance.pk is not None:
            # Another row, beside the one it corrects.
            instance.pk = None
            instance._state.adding = True
            instance.revision += 1
        instance.fetched_at = self._now

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        transaction.on_commit(generation.move_on)


def _place(row: PriceObservation) -> _Place:
    return row.country_code, row.item, row.observed_on, row.source
