"""Currencies, destinations, providers, and the observations of rates.

`exchange_rate_history` has no foreign keys and no unique key without `recorded_at`: on MySQL it is
partitioned by month, and partitioned tables allow neither.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from currency import catalog

#: KRW per 1 unit, ten decimals. Eight would leave a Turkish lira of 2004 (0.0008 won) with an
#: error above one part in a million; ten integer digits hold any price of money.
RATE: dict[str, Any] = {"max_digits": 20, "decimal_places": 10}


class Currency(models.Model):
    """Which currencies we quote, and in which order; names and symbols come from CLDR."""

    code = models.CharField(max_length=3, primary_key=True, help_text="ISO 4217")
    is_active = models.BooleanField(default=True)
    display_order = models.PositiveSmallIntegerField(default=1000)

    class Meta:
        db_table = "currencies"
        ordering = ("display_order", "code")
        verbose_name_plural = "currencies"

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        if not catalog.is_currency(self.code):
            raise ValidationError({"code": "An ISO 4217 code such as USD is expected."})


class Destination(models.Model):
    """Which countries one can travel to here, and in which order; names come from CLDR."""

    country_code = models.CharField(max_length=2, primary_key=True, help_text="ISO 3166-1 alpha-2, or EU")
    is_active = models.BooleanField(default=True)
    display_order = models.PositiveSmallIntegerField(default=1000)

    class Meta:
        db_table = "destinations"
        ordering = ("display_order", "country_code")

    def __str__(self) -> str:
        return self.country_code

    def clean(self) -> None:
        if not catalog.is_country(self.country_code):
            raise ValidationError(
                {"country_code": "An ISO 3166-1 alpha-2 code such as JP, or EU, is expected."}
            )


class Provider(models.Model):
    """Who publishes rates, when, and whom we believe first.

    Identity and schedule are written from `ingestor/provider_data/` at every migrate; `priority`
    and `is_enabled` belong to the operators once the row exists.
    """

    key = models.CharField(max_length=32, primary_key=True)
    name_ko = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    priority = models.PositiveSmallIntegerField(help_text="1 is believed first")
    is_enabled = models.BooleanField(default=True)
    kind = models.CharField(max_length=32, help_text="What the figure is: base rate, reference rate, …")
    time_zone = models.CharField(max_length=64)
    fixing_time = models.TimeField(help_text="Local time at which a day's rate is set")
    publication_time = models.TimeField(help_text="Local time by which it can be read")
    publication_weekday = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Weekly publication, 0 = Monday: a week's days appear on the next such day",
    )
    grace_minutes = models.PositiveIntegerField(
        default=120, help_text="How late a publication may be before it is missed"
    )
    calendar = models.CharField(max_length=16, help_text="Days with a rate: KR, XECB, XFED or weekdays")
    coverage_start = models.DateField(null=True, blank=True)
    terms_url = models.URLField(blank=True)
    attribution = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "providers"
        ordering = ("priority", "key")

    def __str__(self) -> str:
        return self.key


class ExchangeRateQuerySet(models.QuerySet["ExchangeRate"]):
    """Observations, named the way the domain asks for them."""

    def of(self, codes: list[str]) -> "ExchangeRateQuerySet":
        return self.filter(currency_code__in=codes)

    def published_between(self, first: date, last: date) -> "ExchangeRateQuerySet":
        """Rate dates from `first` to `last`; told by `recorded_at` as well, so that MySQL prunes."""
        from currency.schedule import instants_around

        earliest, latest = instants_around(first, last)
        return self.filter(
            rate_date__gte=first, rate_date__lte=last, recorded_at__gte=earliest, recorded_at__lt=latest
        )

    def newest_first(self) -> "ExchangeRateQuerySet":
        """A correction comes before the figure it corrects."""
        return self.order_by("-recorded_at", "-revision")


class ExchangeRate(models.Model):
    """One observation: what one provider published for one currency at one fixing.

    Never changed: a correction by the same provider is a new row with the next `revision`, and the
    highest revision is the one in force.
    """

    source = models.CharField(max_length=32, help_text="Provider key")
    currency_code = models.CharField(max_length=3)
    recorded_at = models.DateTimeField(help_text="When the provider fixed the rate, UTC")
    revision = models.PositiveSmallIntegerField(default=0)
    rate_date = models.DateField(help_text="The day on the figure, in the provider's zone")
    deal_base_rate = models.DecimalField(**RATE, help_text="KRW for one unit")
    tts = models.DecimalField(**RATE, null=True, help_text="The bank sells by wire: KRW for one unit")
    ttb = models.DecimalField(**RATE, null=True, help_text="The bank buys by wire: KRW for one unit")
    published_base = models.CharField(max_length=3)
    published_quote = models.CharField(max_length=3)
    published_unit = models.PositiveIntegerField(default=1)
    published_rate = models.CharField(max_length=32, help_text="As printed, digit for digit")
    fetched_at = models.DateTimeField()
    archive_key = models.CharField(max_length=200, blank=True, help_text="Where the raw payload is kept")

    objects = ExchangeRateQuerySet.as_manager()

    class Meta:
        db_table = "exchange_rate_history"
        constraints = (
            models.UniqueConstraint(
                fields=("currency_code", "source", "recorded_at", "revision"), name="observation_is_unique"
            ),
            models.CheckConstraint(condition=Q(deal_base_rate__gt=0), name="observation_rate_is_positive"),
            models.CheckConstraint(
                condition=Q(tts__isnull=True) | Q(tts__gte=F("deal_base_rate")),
                name="observation_tts_is_above",
            ),
            models.CheckConstraint(
                condition=Q(ttb__isnull=True) | Q(ttb__gt=0, ttb__lte=F("deal_base_rate")),
                name="observation_ttb_is_below",
            ),
            models.CheckConstraint(condition=Q(published_unit__gt=0), name="observation_unit_is_positive"),
        )
        indexes = (models.Index(fields=("currency_code", "rate_date"), name="observation_by_day"),)

    def __str__(self) -> str:
        return f"{self.currency_code} {self.deal_base_rate} ({self.source} {self.rate_date} r{self.revision})"


class LatestRate(models.Model):
    """The newest observation in force of each provider and currency: what /currencies/latest reads.

    Kept by the transaction that records observations.
    """

    source = models.CharField(max_length=32)
    currency_code = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()
    rate_date = models.DateField()
    deal_base_rate = models.DecimalField(**RATE)
    tts = models.DecimalField(**RATE, null=True)
    ttb = models.DecimalField(**RATE, null=True)
    first_date = models.DateField(help_text="Rate date of the oldest observation")

    class Meta:
        db_table = "latest_exchange_rates"
        constraints = (
            models.UniqueConstraint(fields=("currency_code", "source"), name="latest_rate_is_unique"),
        )

    def __str__(self) -> str:
        return f"{self.currency_code} {self.deal_base_rate} ({self.source})"
