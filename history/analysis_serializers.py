"""What /history/stats and /history/compare take, and the shapes they answer in (for the OpenAPI document)."""

from typing import Any

from rest_framework import serializers

from config.api.query import Choice
from currency.parameters import CurrencyCodeField, CurrencyCodesField, FreshQuery
from currency.serializers import Freshness
from history.period import PERIODS

MOST_TARGETS = 10


def _period() -> Choice:
    return Choice(tuple(PERIODS), error_code="INVALID_PERIOD", help_text="Ends on the newest day with data")


class StatsQuery(FreshQuery):
    target = CurrencyCodeField(help_text="The currency that is priced")
    period = _period()
    base = CurrencyCodeField(default="KRW", help_text="The money prices are told in")


class CompareQuery(FreshQuery):
    targets = CurrencyCodesField(help_text=f"2 to {MOST_TARGETS} currencies, comma-separated")
    period = _period()
    base = CurrencyCodeField(default="KRW", help_text="The money prices are told in")


class TrendLine(serializers.Serializer[Any]):
    slope_percent_per_year = serializers.FloatField(
        allow_null=True, help_text="Least-squares slope of the log price, times 252 closes"
    )
    t_statistic = serializers.FloatField(
        allow_null=True, help_text="The slope over its standard error: how straight the way was, not a test"
    )


class DatedPercent(serializers.Serializer[Any]):
    date = serializers.DateField()
    percent = serializers.FloatField()


class MaximumDrawdown(serializers.Serializer[Any]):
    percent = serializers.FloatField(help_text="0 or less")
    peak_date = serializers.DateField()
    trough_date = serializers.DateField()


class WindowStatistics(serializers.Serializer[Any]):
    current_rate = serializers.FloatField()
    period_average = serializers.FloatField()
    period_min = serializers.FloatField()
    period_min_date = serializers.DateField()
    period_max = serializers.FloatField()
    period_max_date = serializers.DateField()
    total_change = serializers.FloatField(help_text="From the first close of the window to the newest")
    total_change_percent = serializers.FloatField()
    mean_daily_return_percent = serializers.FloatField(allow_null=True, help_text="Mean daily log return")
    best_day = DatedPercent(allow_null=True, help_text="The largest rise from one close to the next")
    worst_day = DatedPercent(allow_null=True)
    volatility_index = serializers.FloatField(
        allow_null=True,
        help_text="Percent a year: sample standard deviation of daily log returns times √252",
    )
    trend_direction = serializers.ChoiceField(["upward", "downward", "stable"])
    trend = TrendLine()
    support_level = serializers.FloatField(
        allow_null=True,
        help_text="The highest swing low at or under the newest close: the lowest of five days on either side",
    )
    support_date = serializers.DateField(
        allow_null=True, help_text="Day of that low: in a long window, years ago"
    )
    resistance_level = serializers.FloatField(
        allow_null=True, help_text="The lowest swing high at or above the newest close"
    )
    resistance_date = serializers.DateField(allow_null=True, help_text="Day of that high")
    percentile = serializers.FloatField(
        allow_null=True,
        help_text="Share of the window's other closes below the newest, equal ones by half: 0 is the lowest",
    )
    maximum_drawdown = MaximumDrawdown()


class Macd(serializers.Serializer[Any]):
    macd = serializers.FloatField(allow_null=True, help_text="12-day less 26-day exponential average")
    signal = serializers.FloatField(allow_null=True, help_text="9-day exponential average of it")
    histogram = serializers.FloatField(allow_null=True, help_text="Their difference")


class TechnicalIndicators(serializers.Serializer[Any]):
    """At the newest close, from the last 500 closes, whatever the window; null without enough history."""

    sma_20 = serializers.FloatField(allow_null=True)
    sma_50 = serializers.FloatField(allow_null=True)
    ema_20 = serializers.FloatField(allow_null=True)
    rsi = serializers.FloatField(allow_null=True, help_text="14 days, Wilder: 0 to 100")
    macd = Macd()
    bollinger_upper = serializers.FloatField(allow_null=True, help_text="20 days, two population deviations")
    bollinger_middle = serializers.FloatField(allow_null=True)
    bollinger_lower = serializers.FloatField(allow_null=True)


class MonthOfWindow(serializers.Serializer[Any]):
    month = serializers.CharField(help_text="YYYY-MM")
    average = serializers.FloatField()
    min = serializers.FloatField()
    max = serializers.FloatField()
    change_percent = serializers.FloatField(allow_null=True, help_text="Against the last close before it")
    volatility = serializers.FloatField(allow_null=True, help_text="As `volatility_index`, of this month")
    trading_days = serializers.IntegerField(help_text="Of this month inside the window")


class Stats(serializers.Serializer[Any]):
    currency_pair = serializers.CharField(help_text="Base and target, such as KRW/USD")
    period = serializers.CharField()
    analysis_date = serializers.DateField(help_text="Day of the newest close")
    current_rate = serializers.FloatField(help_text="The newest close")
    data_points = serializers.IntegerField(help_text="Trading days in the window")
    source = serializers.CharField(help_text="The one provider behind all of it")  # type: ignore[assignment]
    stale = serializers.BooleanField()
    freshness = Freshness()
    statistics = WindowStatistics()
    technical_indicators = TechnicalIndicators()
    monthly_breakdown = MonthOfWindow(many=True)


class ComparedCurrency(serializers.Serializer[Any]):
    currency = serializers.CharField()
    current_rate = serializers.FloatField()
    period_change_percent = serializers.FloatField()
    volatility = serializers.FloatField(allow_null=True, help_text="As `volatility_index` of /history/stats")
    performance_rank = serializers.IntegerField(
        allow_null=True,
        help_text="By change; equal ones share a place: 1, 2, 2, 4. null where a window ends long before the others",
    )
    sharpe_ratio = serializers.FloatField(
        allow_null=True, help_text="Mean over deviation of daily log returns, times √252; risk-free rate 0"
    )
    source = serializers.CharField()  # type: ignore[assignment]
    freshness = Freshness()


class PortfolioAnalysis(serializers.Serializer[Any]):
    """null where no currency stands out."""

    best_performer = serializers.CharField(allow_null=True)
    worst_performer = serializers.CharField(allow_null=True)
    most_volatile = serializers.CharField(allow_null=True)
    least_volatile = serializers.CharField(allow_null=True)


class Compare(serializers.Serializer[Any]):
    base = serializers.CharField()
    period = serializers.CharField()
    comparison_date = serializers.DateField(help_text="Day of the newest close of any of them")
    stale = serializers.BooleanField(help_text="At least one of them is late or suspended")
    comparison = ComparedCurrency(many=True)
    correlation_matrix = serializers.DictField(
        child=serializers.FloatField(allow_null=True),
        help_text="Pearson, of daily log returns between common days; null where it says nothing, "
        "or where two providers fix at different times of a day",
    )
    portfolio_analysis = PortfolioAnalysis()
