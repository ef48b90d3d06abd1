"""Currencies, destinations, providers, and the observations of rates.

`exchange_rate_history` has no foreign keys and no unique key without `recorded_at`: on MySQL it is
partitioned by month, and partitioned tables allow neither.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Now

from currency import catalog
from currency.payment_channel import ChannelKind, ChannelTerms, PaymentChannel
from currency.rate_override import RateOverride

__all__ = [
    "ChannelKind",
    "ChannelTerms",
    "Currency",
    "Destination",
    "ExchangeRate",
    "LatestRate",
    "PaymentChannel",
    "PriceObservation",
    "Provider",
    "RateOverride",
]

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


class LatestRateQuerySet(models.QuerySet["LatestRate"]):
    """Newest rates, named the way the domain asks for them."""

    def believed(self) -> "LatestRateQuerySet":
        """Those of enabled providers, the most believed first, each with its provider and with
        `provider_newest`: the newest rate date that this provider has of any currency."""
        return self.filter(provider__is_enabled=True)._with_provider()

    def believed_or_overridden(self) -> "LatestRateQuerySet":
        """`believed()`, each with the `override` of its currency that nobody has ended, if there is one.

        Where there is one, the rates of providers that are not enabled come as well: an operator's
        rate may stand in for the only provider there was. Whether it is in force still, the clock tells.
        """
        shown = Q(provider__is_enabled=True) | Q(override__isnull=False)
        return self.filter(shown)._with_provider().select_related("provider", "override")

    def _with_provider(self) -> "LatestRateQuerySet":
        of_provider = LatestRate.objects.filter(source=OuterRef("source")).order_by().values("source")
        return (
            self.select_related("provider")
            .annotate(provider_newest=Subquery(of_provider.annotate(day=Max("rate_date")).values("day")))
            .order_by("provider__priority", "source")
        )


class LatestRate(models.Model):
    """The newest observation in force of each provider and currency: what /currencies/latest reads.

    Kept by the transaction that records observations.
    """

    source = models.CharField(max_length=32)
    #: No column and no constraint of its own: a join on `source`, so that one query tells both.
    provider = models.ForeignObject(
        Provider,
        on_delete=models.DO_NOTHING,
        from_fields=["source"],
        to_fields=["key"],
        related_name="+",
        null=True,
        editable=False,
    )
    #: A join as well: the one override of this currency that nobody has ended.
    override = models.ForeignObject(
        RateOverride,
        on_delete=models.DO_NOTHING,
        from_fields=["currency_code"],
        to_fields=["place"],
        related_name="+",
        null=True,
        editable=False,
    )
    currency_code = models.CharField(max_length=3)
    recorded_at = models.DateTimeField()
    rate_date = models.DateField()
    deal_base_rate = models.DecimalField(**RATE)
    tts = models.DecimalField(**RATE, null=True)
    ttb = models.DecimalField(**RATE, null=True)
    first_date = models.DateField(help_text="Rate date of the oldest observation")
    # The default is for a release that does not know the column: it writes what it has just fetched.
    fetched_at = models.DateTimeField(db_default=Now())

    objects = LatestRateQuerySet.as_manager()

    class Meta:
        db_table = "latest_exchange_rates"
        constraints = (
            models.UniqueConstraint(fields=("currency_code", "source"), name="latest_rate_is_unique"),
        )
        indexes = (models.Index(fields=("source", "rate_date"), name="latest_rate_by_source"),)

    def __str__(self) -> str:
        return f"{self.currency_code} {self.deal_base_rate} ({self.source})"


class PriceObservation(models.Model):
    """What one thing cost in one country on one day, as one source tells it; never changed.

    A correction by the same source is a new row with the next `revision`, and the highest is in
    force. `price_level` is a price as well: what costs 100 dollars in the United States.
    """

    country_code = models.CharField(max_length=2, help_text="ISO 3166-1 alpha-2, or EU")
    item = models.SlugField(max_length=40, help_text="bigmac, starbucks_tall_latte, price_level, …")
    price = models.DecimalField(max_digits=20, decimal_places=6, help_text="Of one, in `currency_code`")
    currency_code = models.CharField(max_length=3)
    observed_on = models.DateField(help_text="The day the source puts on the price")
    usd_rate = models.DecimalField(
        max_digits=24,
        decimal_places=14,
        null=True,
        blank=True,
        help_text="Units of the currency for one US dollar, where the source published it beside the price",
    )
    source = models.CharField(max_length=100)
    source_url = models.URLField(max_length=500)
    revision = models.PositiveSmallIntegerField(default=0)
    fetched_at = models.DateTimeField()
    archive_key = models.CharField(max_length=200, blank=True, help_text="Where the raw payload is kept")

    class Meta:
        db_table = "price_observations"
        constraints = (
            models.UniqueConstraint(
                fields=("item", "country_code", "observed_on", "source", "revision"), name="price_is_unique"
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="price_is_positive"),
            models.CheckConstraint(
                condition=Q(usd_rate__isnull=True) | Q(usd_rate__gt=0), name="price_usd_rate_is_positive"
            ),
            models.CheckConstraint(condition=~Q(source="") & ~Q(source_url=""), name="price_has_a_source"),
        )

    def __str__(self) -> str:
        return f"{self.country_code} {self.item} {self.price} {self.currency_code} ({self.observed_on})"
