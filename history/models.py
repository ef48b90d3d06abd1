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
