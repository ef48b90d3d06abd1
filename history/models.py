"""Daily bars: what a provider's day looked like."""

from django.db import models
from django.db.models import F, Q

from currency.models import RATE


class DailyRate(models.Model):
    """One provider, currency and rate date: open, high, low, close of its observations.

    A lone fixing gives four equal values. Built only from observations in force, never from two
    providers; kept by the transaction that records observations, and the same after a rebuild.
    """

    currency_code = models.CharField(max_length=3)
    source = models.CharField(max_length=32, help_text="Provider key")
    rate_date = models.DateField(help_text="Trading day")
    open = models.DecimalField(**RATE)
    high = models.DecimalField(**RATE)
    low = models.DecimalField(**RATE)
    close = models.DecimalField(**RATE)
    average = models.DecimalField(**RATE)
    observation_count = models.PositiveIntegerField()
    volatility = models.FloatField(
        help_text="Standard deviation of the percent changes between the day's observations; 0 for one"
    )

    class Meta:
        db_table = "daily_exchange_rates"
        constraints = (
            models.UniqueConstraint(fields=("currency_code", "source", "rate_date"), name="bar_is_unique"),
            models.CheckConstraint(
                condition=Q(low__gt=0, low__lte=F("open")) & Q(low__lte=F("close")), name="bar_low_is_lowest"
            ),
            models.CheckConstraint(
                condition=Q(high__gte=F("open")) & Q(high__gte=F("close")), name="bar_high_is_highest"
            ),
            models.CheckConstraint(condition=Q(observation_count__gt=0), name="bar_has_observations"),
        )

    def __str__(self) -> str:
        return f"{self.currency_code} {self.rate_date} {self.close} ({self.source})"


class ForecastBacktest(models.Model):
    """How a method's forecasts of one pair have done at one horizon, by the last nightly run.

    Derived from the closes of one provider; what its figures mean: `history.backtest.Score`.
    """

    #: What a row is of; a later run replaces it.
    KEY = ("currency_code", "base_code", "source", "method", "horizon")

    currency_code = models.CharField(max_length=3)
    base_code = models.CharField(max_length=3, help_text="The money prices are told in")
    source = models.CharField(max_length=32, help_text="Provider key")
    method = models.CharField(max_length=32)
    horizon = models.PositiveSmallIntegerField(help_text="Trading days ahead")
    first_origin = models.DateField(help_text="Day of the first forecast")
    last_origin = models.DateField(help_text="Day of the last forecast")
    newest_date = models.DateField(help_text="Day of the last outcome, the newest close there was")
    observations = models.PositiveIntegerField(help_text="Forecasts with an outcome; their windows overlap")
    coverage = models.FloatField(help_text="Share of outcomes inside the band")
    mean_absolute_error = models.FloatField(help_text="In base currency, for one unit")
    mean_absolute_error_percent = models.FloatField(help_text="Of the forecast")
    naive_mean_absolute_error = models.FloatField(help_text="Of the forecast of no change")
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "forecast_backtests"
        constraints = (
            models.UniqueConstraint(
                fields=("currency_code", "base_code", "source", "method", "horizon"),
                name="backtest_is_unique",
            ),
            models.CheckConstraint(condition=Q(horizon__gte=1), name="backtest_looks_ahead"),
            models.CheckConstraint(condition=Q(observations__gt=0), name="backtest_has_observations"),
            models.CheckConstraint(
                condition=Q(coverage__gte=0, coverage__lte=1), name="backtest_coverage_is_a_share"
            ),
        )

    def __str__(self) -> str:
        return f"{self.currency_code}/{self.base_code} +{self.horizon} {self.coverage:.1%} ({self.source})"
