"""What /currencies/quote takes, and the shape it answers in (for the OpenAPI document)."""

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from currency.models import ChannelKind
from currency.offers import BASES, REASONS
from currency.parameters import AmountField, CurrencyCodeField, FreshQuery
from currency.serializers import Freshness, Overridden

_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")


class DiscountField(serializers.Field):  # type: ignore[type-arg]  # DRF's Field cannot be subscripted
    """환율우대: a plain decimal number of percent from 0 to 100, at most 2 decimals."""

    expected = gettext_lazy("a percentage from 0 to 100 with at most 2 decimals, such as 90 or 87.5")
    openapi: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 100}

    def to_internal_value(self, data: Any) -> Decimal:
        if not _PERCENT.fullmatch(str(data)) or (percent := Decimal(str(data))) > 100:
            raise serializers.ValidationError("not a percentage")
        return percent

    def to_representation(self, value: Any) -> Any:
        return value


class ChannelQuoteQuery(FreshQuery):
    amount = AmountField(help_text="How much of `from`")
    discount = DiscountField(
        required=False,
        help_text="환율우대 the caller has, off the spread of channels that take one; "
        "without it each channel's own applies",
    )

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python.
        return {
            "from": CurrencyCodeField(help_text="The money one has; KRW, or `to` is"),
            "to": CurrencyCodeField(help_text="The money one wants; KRW, or `from` is"),
            **super().get_fields(),
        }


class Mid(serializers.Serializer[Any]):
    """The yardstick, not a channel: nobody deals at the base rate."""

    rate = serializers.FloatField(help_text="The deal base rate: KRW for one unit of the foreign money")
    receive = serializers.FloatField(help_text="`amount` at that rate, in `to`")


class FeeRate(serializers.Serializer[Any]):
    rate = serializers.FloatField(help_text="KRW for one unit")
    source = serializers.CharField()  # type: ignore[assignment]
    freshness = Freshness()
    override = Overridden(required=False)


class Cost(serializers.Serializer[Any]):
    """All of it in KRW: `won` = `spread` + `percent_fee` + `fixed_fee`."""

    won = serializers.FloatField(help_text="Against the base rate")
    percent = serializers.FloatField(help_text="Of the amount")
    spread = serializers.FloatField()
    percent_fee = serializers.FloatField()
    fixed_fee = serializers.FloatField(help_text="Of one payment")


class BackAgain(serializers.Serializer[Any]):
    """All of it changed back at the same rates through the same channel, in `from`."""

    back_amount = serializers.FloatField()
    loss = serializers.FloatField()
    loss_percent = serializers.FloatField()


class Terms(serializers.Serializer[Any]):
    fee_percent = serializers.FloatField()
    fee_fixed = serializers.FloatField(help_text="For each payment, in `fee_currency`")
    fee_currency = serializers.CharField()
    source_name = serializers.CharField()
    source_url = serializers.CharField()
    as_of = serializers.DateField(help_text="The day the source puts on the terms, or was read")
    age_days = serializers.IntegerField()
    is_old = serializers.BooleanField(help_text="Last seen more than 12 months ago")


class ChannelOffer(serializers.Serializer[Any]):
    channel = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(ChannelKind.choices)
    available = serializers.BooleanField()
    reason = serializers.ChoiceField(REASONS, allow_null=True, help_text="Why it is not available")
    message = serializers.CharField(allow_null=True, help_text="The reason, in the reader's language")
    receive = serializers.FloatField(allow_null=True, help_text="In `to`, not rounded to coins")
    rate = serializers.FloatField(
        allow_null=True, help_text="KRW for one unit of the foreign money, spread and fees included"
    )
    rate_before_fees = serializers.FloatField(
        allow_null=True, help_text="KRW for one unit as the channel prices it, after 환율우대"
    )
    rate_basis = serializers.ChoiceField(
        BASES,
        allow_null=True,
        help_text="spread: the base rate and the channel's spread; tts: the published wire selling rate",
    )
    spread_percent = serializers.FloatField(allow_null=True, help_text="Before 환율우대")
    discount_percent = serializers.FloatField(allow_null=True, help_text="환율우대 applied")
    cost_vs_mid = Cost(allow_null=True)
    round_trip = BackAgain(allow_null=True, help_text="null where it cannot be changed back this way")
    terms = Terms(allow_null=True, help_text="null where we hold none")


class ChannelQuote(serializers.Serializer[Any]):
    amount = serializers.FloatField()
    discount = serializers.FloatField(allow_null=True)
    mid = Mid()
    source = serializers.CharField(help_text="The provider of the base rate")  # type: ignore[assignment]
    as_of = serializers.DateTimeField()
    stale = serializers.BooleanField()
    freshness = Freshness()
    override = Overridden(required=False)
    fee_rates = serializers.DictField(
        child=FeeRate(), help_text="Rates that fixed fees were put into won with"
    )
    channels = ChannelOffer(many=True, help_text="Those that give most first; the unavailable ones last")

    def get_fields(self) -> dict[str, Any]:
        return {"from": serializers.CharField(), "to": serializers.CharField(), **super().get_fields()}
