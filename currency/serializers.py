"""What the currency endpoints take, and the shapes they answer in (for the OpenAPI document)."""

from typing import Any

from rest_framework import serializers

from currency.freshness import STATES
from currency.parameters import (
    AmountField,
    CurrencyCodeField,
    CurrencyCodesField,
    FreshQuery,
    RateDayField,
)


class LatestQuery(FreshQuery):
    symbols = CurrencyCodesField(
        required=False, help_text="Comma-separated codes; every active currency by default"
    )
    base = CurrencyCodeField(default="KRW", help_text="The money prices are told in")
    details = serializers.BooleanField(
        default=False, help_text="Add provider, freshness, tts and ttb of each rate"
    )


class CurrencyQuery(FreshQuery):
    code = CurrencyCodeField()


class ConvertQuery(FreshQuery):
    amount = AmountField(help_text="How much of `from`")
    date = RateDayField(required=False, help_text="Convert at the close of this day (Seoul)")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python.
        return {
            "from": CurrencyCodeField(help_text="The money one has"),
            "to": CurrencyCodeField(help_text="The money one gets"),
            **super().get_fields(),
        }


class Freshness(serializers.Serializer[Any]):
    """How old a rate is, by its provider's own calendar."""

    observed_on = serializers.DateField(help_text="The trading day on the figure")
    as_of = serializers.DateTimeField(help_text="When the provider fixed the rate")
    fetched_at = serializers.DateTimeField(help_text="When we read it")
    next_expected_at = serializers.DateTimeField(help_text="When the provider's next figure is due")
    age_days = serializers.IntegerField(help_text="Days of publication since `observed_on`")
    state = serializers.ChoiceField(
        STATES,
        help_text="fresh: the newest there can be; carried: so too, over days without one; "
        "late: a newer one is due; suspended: its provider went on without this currency",
    )


class Overridden(serializers.Serializer[Any]):
    """What operators have set by hand; its `source` is `operator`, and there are no wire rates beside it."""

    currencies = serializers.ListField(
        child=serializers.CharField(), help_text="Those of the pair whose rate is set"
    )
    expires_at = serializers.DateTimeField(help_text="When it ends by itself, and what is published is told")
    crossed_with = serializers.CharField(
        allow_null=True, help_text="The provider of the other figure of a cross; null where there is none"
    )


_OVERRIDE = "Only where operators have set a rate in it by hand"


class RateDetail(serializers.Serializer[Any]):
    provider = serializers.CharField(help_text="Its key; operator where operators have set the rate")
    as_of = serializers.DateTimeField(help_text="When the provider fixed the rate")
    stale = serializers.BooleanField(help_text="Older than the provider's own schedule allows")
    tts = serializers.FloatField(allow_null=True, help_text="The bank sells by wire")
    ttb = serializers.FloatField(allow_null=True, help_text="The bank buys by wire")
    freshness = Freshness()
    override = Overridden(required=False, help_text=_OVERRIDE)


class Latest(serializers.Serializer[Any]):
    base = serializers.CharField()
    timestamp = serializers.IntegerField(
        help_text="Unix seconds of the newest fixing in the answer", allow_null=True
    )
    source = serializers.ChoiceField(  # type: ignore[assignment]
        ["memory_cache", "redis_cache", "database"], help_text="Which tier answered"
    )
    cache_hit = serializers.BooleanField()
    stale = serializers.BooleanField(
        help_text="At least one rate is older than its provider's schedule allows"
    )
    rates = serializers.DictField(
        child=serializers.FloatField(), help_text="Price of one unit of each, in `base`"
    )
    missing = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Known currencies with no rate yet"
    )
    details = serializers.DictField(child=RateDetail(), required=False)


class CoverageSpan(serializers.Serializer[Any]):
    def get_fields(self) -> dict[str, Any]:
        return {
            "from": serializers.DateField(allow_null=True),
            "to": serializers.DateField(allow_null=True),
        }


class ListedCurrency(serializers.Serializer[Any]):
    currency_code = serializers.CharField()
    currency_name = serializers.CharField()
    symbol = serializers.CharField()
    decimal_places = serializers.IntegerField()
    countries = serializers.ListField(child=serializers.CharField())
    coverage = CoverageSpan()


class CurrencyList(serializers.Serializer[Any]):
    currencies = ListedCurrency(many=True)


class CurrencyNow(serializers.Serializer[Any]):
    currency_code = serializers.CharField()
    currency_name = serializers.CharField()
    country_code = serializers.CharField(allow_null=True)
    country_name = serializers.CharField(allow_null=True)
    symbol = serializers.CharField()
    current_rate = serializers.FloatField(help_text="KRW for one unit")
    tts = serializers.FloatField(allow_null=True)
    ttb = serializers.FloatField(allow_null=True)
    last_updated = serializers.DateTimeField(allow_null=True, help_text="When the provider fixed the rate")
    source = serializers.CharField(allow_null=True, help_text="The provider, or operator")  # type: ignore[assignment]
    stale = serializers.BooleanField()
    change = serializers.FloatField(
        allow_null=True, help_text="Against the previous trading day's close, KRW"
    )
    change_percent = serializers.FloatField(allow_null=True)
    freshness = Freshness(allow_null=True, help_text="null for KRW, which is the money prices are told in")
    override = Overridden(required=False, help_text=_OVERRIDE)


class Conversion(serializers.Serializer[Any]):
    amount = serializers.FloatField()
    rate = serializers.FloatField(help_text="Units of `to` for one unit of `from`")
    result = serializers.FloatField()
    as_of = serializers.DateTimeField()
    stale = serializers.BooleanField()
    source = serializers.CharField(help_text="The provider of both figures")  # type: ignore[assignment]
    requested_date = serializers.DateField(allow_null=True, help_text="The day asked for, if any")
    date = serializers.DateField(help_text="The trading day of the rate")
    carried = serializers.BooleanField(
        help_text="The rate is told on from an earlier day: that of the day asked for is not there"
    )
    freshness = Freshness(allow_null=True, help_text="null where money is converted into itself")
    override = Overridden(required=False, help_text=_OVERRIDE)

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.CharField(), "to": serializers.CharField(), **super().get_fields()}
