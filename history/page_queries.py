"""What the pages of rates take in their addresses."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from config.api.query import Choice, Query
from currency.parameters import CountryCodeField, CurrencyCodeField, RateDayField
from history.period import PERIODS

MOST_COUNTRIES = 5
#: In a list of overlays: not even the one that is shown when nothing is asked.
NO_OVERLAY = "none"
_OVERLAYS = ("sma20", "sma50", "bollinger", "forecast")


class CountryCodesField(CountryCodeField):
    """Comma-separated countries, each once, in the order given."""

    expected = gettext_lazy("1 to 5 country codes separated by commas, such as JP,US,TH; EU is the euro area")

    def to_internal_value(self, data: Any) -> Any:
        given = [code for code in str(data).split(",") if code.strip()]
        codes = list(dict.fromkeys(super(CountryCodesField, self).to_internal_value(code) for code in given))
        if not 1 <= len(codes) <= MOST_COUNTRIES:
            raise serializers.ValidationError("too many or none")
        return codes


class OverlaysField(serializers.Field):  # type: ignore[type-arg]  # DRF's Field cannot be subscripted
    """Comma-separated, each once; `none` says nothing beside others."""

    expected = gettext_lazy("any of sma20, sma50, bollinger, forecast, separated by commas, or none")

    def to_internal_value(self, data: Any) -> Any:
        given = {name.strip().lower() for name in str(data).split(",")} - {NO_OVERLAY, ""}
        if not given <= set(_OVERLAYS):
            raise serializers.ValidationError("unknown")
        return [name for name in _OVERLAYS if name in given]

    def to_representation(self, value: Any) -> Any:
        return value


def _period(default: str) -> Choice:
    return Choice(tuple(PERIODS), error_code="INVALID_PERIOD", default=default)


class PageQuery(Query):
    """An address that a form may have made: a list may come as one parameter or as several, or be empty."""

    lists: tuple[str, ...] = ()

    @classmethod
    def of(cls, parameters: QueryDict) -> dict[str, Any]:
        """The checked values. Raises: ApiError for the first that is wrong."""
        joined = QueryDict(mutable=True)
        for name, values in parameters.lists():
            told = [value for value in values if value.strip(" ,")]
            if name in cls.lists and told:
                joined[name] = ",".join(told)
            elif told:
                joined.setlist(name, told)
        return cls.read(joined, {})


class ComparePageQuery(PageQuery):
    lists = ("countries",)
    countries = CountryCodesField(required=False)
    period = _period("3m")
    scale = Choice(("index", "absolute"), default="index")


class CurrencyPageQuery(PageQuery):
    lists = ("overlays",)
    period = _period("1y")
    overlays = OverlaysField(default=("forecast",))
    on = RateDayField(required=False)


class CurrencyPagePartQuery(CurrencyPageQuery):
    """A part has its currency among its parameters, as the address of a part is always the same."""

    code = CurrencyCodeField()
