"""What /history takes, and the shape it answers in (for the OpenAPI document)."""

from typing import Any

from rest_framework import serializers

from config.api.query import Choice
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
