"""What /history takes, and the shape it answers in (for the OpenAPI document)."""

from typing import Any

from rest_framework import serializers

from config.api.query import Choice, WholeNumber
from currency.parameters import CurrencyCodeField, FreshQuery
from currency.serializers import Freshness
from history.period import PERIODS


class HistoryQuery(FreshQuery):
    period = Choice(tuple(PERIODS), error_code="INVALID_PERIOD", help_text="Ends on the newest day with data")
    target = CurrencyCodeField(help_text="The currency that is priced")
    base = CurrencyCodeField(default="KRW", help_text="The money prices are told in")
    interval = Choice(("daily", "hourly"), default="daily", help_text="hourly for 1w and 1m")


class HistoryPoint(serializers.Serializer[Any]):
    date = serializers.CharField(help_text="The trading day, or with hourly the start of the hour (UTC)")
    rate = serializers.FloatField(help_text="Close")
    open = serializers.FloatField()
    high = serializers.FloatField()
    low = serializers.FloatField()
    change = serializers.FloatField(allow_null=True, help_text="Against the bar before")
    change_percent = serializers.FloatField(allow_null=True)
    volume = serializers.IntegerField(help_text="Observations behind the bar")


class HistoryStatistics(serializers.Serializer[Any]):
    average = serializers.FloatField()
    min = serializers.FloatField()
    max = serializers.FloatField()
    volatility = serializers.FloatField(
        allow_null=True, help_text="Standard deviation of the percent changes from bar to bar"
    )
    trend = serializers.ChoiceField(["upward", "downward", "stable"])
    data_points = serializers.IntegerField()


class History(serializers.Serializer[Any]):
    base = serializers.CharField()
    target = serializers.CharField()
    period = serializers.CharField()
    interval = serializers.CharField()
    data_points = serializers.IntegerField()
    source = serializers.CharField(help_text="The one provider behind the whole series")  # type: ignore[assignment]
    stale = serializers.BooleanField(help_text="The newest day is older than the provider's schedule allows")
    freshness = Freshness(help_text="Of the newest day")
    results = HistoryPoint(many=True)
    statistics = HistoryStatistics()


class ForecastQuery(FreshQuery):
    code = CurrencyCodeField(help_text="The currency that is priced")
    days = WholeNumber(default=7, min_value=1, max_value=30, help_text="Trading days ahead")
    base = CurrencyCodeField(default="KRW", help_text="The money prices are told in")


class ConfidenceInterval(serializers.Serializer[Any]):
    lower = serializers.FloatField()
    upper = serializers.FloatField()


class ForecastDay(serializers.Serializer[Any]):
    date = serializers.DateField(help_text="A trading day by the provider's calendar")
    predicted_rate = serializers.FloatField(help_text="The median: as likely to be exceeded as not")
    confidence_interval = ConfidenceInterval()


class ForecastScore(serializers.Serializer[Any]):
    """Of forecasts made anew at every past close; null where there was none with an outcome yet."""

    horizon = serializers.IntegerField(help_text="Trading days ahead")
    coverage = serializers.FloatField(
        allow_null=True, help_text="Share of outcomes inside the interval; `confidence_level` is the aim"
    )
    mean_absolute_error = serializers.FloatField(allow_null=True, help_text="In `base`, for one unit")
    mean_absolute_error_percent = serializers.FloatField(allow_null=True, help_text="Of the forecast")
    naive_mean_absolute_error = serializers.FloatField(
        allow_null=True, help_text="Of the forecast of no change"
    )
    observations = serializers.IntegerField(
        help_text="Forecasts with an outcome; their windows overlap, so about one in `horizon` is independent"
    )


class ForecastBacktest(ForecastScore):
    """The score at the last of the days asked for, and at every horizon up to it."""

    to = serializers.DateField(allow_null=True, help_text="Day of the last outcome")
    by_horizon = ForecastScore(many=True)
    note = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        first = serializers.DateField(allow_null=True, help_text="Day of the first forecast")
        return {**super().get_fields(), "from": first}


class Forecast(serializers.Serializer[Any]):
    currency = serializers.CharField()
    base = serializers.CharField()
    forecast_period = serializers.CharField(help_text="Such as 7d: trading days")
    forecast_date = serializers.DateField(help_text="Day of the newest close, where the forecast starts")
    current_rate = serializers.FloatField(help_text="The close of `forecast_date`")
    source = serializers.CharField(help_text="The one provider behind all of it")  # type: ignore[assignment]
    stale = serializers.BooleanField(help_text="The newest day is older than the provider's schedule allows")
    freshness = Freshness()
    method = serializers.CharField()
    method_description = serializers.CharField()
    confidence_level = serializers.FloatField(help_text="Share of outcomes an interval is meant to hold")
    forecast_data = ForecastDay(many=True)
    backtest = ForecastBacktest()
    disclaimer = serializers.CharField()
