"""The admin's import pages: a file, what it would change, and a click that changes it.

Loaded by the first request for them (see `admin.py`): import-export takes a tenth of a second.
"""

from typing import Any

from django import forms
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils import timezone
from import_export.admin import ImportMixin
from import_export.formats.base_formats import CSV
from import_export.tmp_storages import CacheStorage
from unfold.contrib.import_export.forms import ImportForm

from config.evidence import OperatorsAdmin
from currency import price_file
from currency.models import PriceObservation
from currency.price_import import PriceResource


class PriceFileForm(ImportForm):
    def clean_import_file(self) -> Any:
        file = self.cleaned_data["import_file"]
        if file.size > price_file.LARGEST_FILE:
            raise forms.ValidationError(f"At most {price_file.LARGEST_FILE:,} bytes are taken at once.")
        try:
            file.read().decode(price_file.ENCODING)
        except UnicodeDecodeError as exc:
            raise forms.ValidationError(f"Not UTF-8 at byte {exc.start}; save it as CSV UTF-8.") from exc
        file.seek(0)
        return file


class Waiting(CacheStorage):  # type: ignore[misc]
    """A file between its two pages, which two instances may answer; for an hour."""

    CACHE_LIFETIME = 3600

    def read(self) -> Any:
        if (kept := super().read()) is None:
            raise SuspiciousOperation("the file is not kept any more: send it again")
        return kept


class PriceImportAdmin(ImportMixin, OperatorsAdmin[PriceObservation]):  # type: ignore[misc]
    resource_classes = (PriceResource,)
    formats = (CSV,)
    import_form_class = PriceFileForm
    tmp_storage_class = Waiting
    from_encoding = price_file.ENCODING

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {"now": timezone.now()}

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("currency.add_priceobservation")
