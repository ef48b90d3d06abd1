"""Ways of paying abroad and what they take: rows that operators keep, each with its source and date."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from currency import catalog


class ChannelKind(models.TextChoices):
    """How one changes money, or pays with another's."""

    CASH_COUNTER = "cash_counter"
    CASH_APP = "cash_app"
    TRAVEL_CARD = "travel_card"
    CREDIT_CARD = "credit_card"


class PaymentChannel(models.Model):
    """A way of paying abroad, with terms that operators keep."""

    key = models.SlugField(max_length=40, primary_key=True)
    name_ko = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=ChannelKind.choices)
    takes_discount = models.BooleanField(default=False, help_text="환율우대 lowers the spread")
    display_order = models.PositiveSmallIntegerField(default=1000)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "payment_channels"
        ordering = ("display_order", "key")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=ChannelKind.values), name="channel_kind_is_known"),
        )

    def __str__(self) -> str:
        return self.key


#: Percent, four decimals.
PERCENT: dict[str, Any] = {"max_digits": 8, "decimal_places": 4}


class ChannelTerms(models.Model):
    """What a channel takes for a currency, with who says so and since when. Percent of the base rate."""

    channel = models.ForeignKey(PaymentChannel, on_delete=models.CASCADE, related_name="terms")
    currency_code = models.CharField(max_length=3, blank=True, help_text="Empty: every other currency")
    buy_spread_percent = models.DecimalField(**PERCENT, help_text="Over the base rate, buying with won")
    sell_spread_percent = models.DecimalField(
        **PERCENT, null=True, blank=True, help_text="Under the base rate, sold for won; empty: it cannot be"
    )
    fee_percent = models.DecimalField(**PERCENT, default=0, help_text="Of the amount")
    fee_fixed = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    fee_currency = models.CharField(max_length=3, blank=True, help_text="Empty: won")
    discount_percent = models.DecimalField(
        **PERCENT, default=0, help_text="The channel's own 환율우대, off the spread"
    )
    source_name = models.CharField(max_length=200)
    source_url = models.URLField(max_length=500)
    as_of = models.DateField()

    class Meta:
        db_table = "channel_terms"
        ordering = ("channel", "currency_code")
        verbose_name_plural = "channel terms"
        constraints = (
            models.UniqueConstraint(fields=("channel", "currency_code"), name="channel_terms_are_unique"),
            models.CheckConstraint(
                condition=Q(buy_spread_percent__gte=0, buy_spread_percent__lt=100)
                & (
                    Q(sell_spread_percent__isnull=True)
                    | Q(sell_spread_percent__gte=0, sell_spread_percent__lt=100)
                ),
                name="channel_spreads_are_percent",
            ),
            models.CheckConstraint(
                condition=Q(fee_percent__gte=0, fee_percent__lt=100, fee_fixed__gte=0),
                name="channel_fees_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(discount_percent__gte=0, discount_percent__lte=100),
                name="channel_discount_is_percent",
            ),
            models.CheckConstraint(
                condition=~Q(source_name="") & ~Q(source_url=""), name="channel_terms_have_a_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel_id} {self.currency_code or '*'}"

    def clean(self) -> None:
        for field in ("currency_code", "fee_currency"):
            if (code := getattr(self, field)) and not catalog.is_currency(code):
                raise ValidationError({field: "An ISO 4217 code such as USD is expected, or nothing."})
