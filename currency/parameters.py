"""Parameters that name money: how they are written, and how a wrong one is refused."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from config.api.errors import ApiError
from currency.catalog import is_currency

_CODE_EXPECTED = "an ISO 4217 code such as USD (see /api/v1/currencies)"


class CurrencyCodeField(serializers.CharField):
    """One ISO 4217 code, case-insensitive, upper-case out.

    Raises: ApiError INVALID_CURRENCY_CODE for anything else.
    """

    error_code = "INVALID_CURRENCY_CODE"
    expected = _CODE_EXPECTED
    openapi: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z]{3}$"}

    def to_internal_value(self, data: Any) -> str:
        code = str(data).strip().upper()
        if code and not is_currency(code):
            raise ApiError(
                "INVALID_CURRENCY_CODE",
                _("“{provided}” is not a currency we know: expected an ISO 4217 code such as USD.").format(
                    provided=data
                ),
                parameter=self.field_name,
                provided=data,
                expected=self.expected,
            )
        return str(super().to_internal_value(code))


class CurrencyCodesField(CurrencyCodeField):
    """Comma-separated codes, each once, in the order given."""

    expected = "ISO 4217 codes separated by commas, such as USD,JPY,EUR (see /api/v1/currencies)"
    openapi: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z]{3}(,[A-Za-z]{3})*$"}

    def to_internal_value(self, data: Any) -> list[str]:  # type: ignore[override]  # a list is the point
        if not str(data).strip():
            self.fail("blank")
        return list(dict.fromkeys(super(CurrencyCodesField, self).to_internal_value(code) for code in str(data).split(",")))


class AmountField(serializers.Field):  # type: ignore[type-arg]  # DRF's Field cannot be subscripted
    """An amount of money: a plain decimal number above zero, up to a trillion, at most 10 decimals."""

    expected = "a number above 0 and up to 1000000000000, such as 100 or 99.5"
    most = Decimal(10) ** 12
    openapi: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 10**12}

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            amount = Decimal(str(data).strip())
        except InvalidOperation:
            raise serializers.ValidationError("not a number") from None
        if not amount.is_finite() or not 0 < amount <= self.most or amount != round(amount, 10):
            raise serializers.ValidationError("out of range")
        return amount

    def to_representation(self, value: Any) -> Any:
        return value
