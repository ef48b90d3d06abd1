"""Parameters that name money: how they are written, and how a wrong one is refused."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from config.api.errors import ApiError
from config.api.query import Query, WholeNumber, refusal
from currency.catalog import is_country, is_currency
from currency.freshness import Freshness

_CODE = re.compile(r"[A-Za-z]{3}")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,10})?")


class CurrencyCodeField(serializers.CharField):
    """One ISO 4217 code, case-insensitive, upper-case out.

    Raises: ApiError INVALID_CURRENCY_CODE for anything else.
    """

    error_code = "INVALID_CURRENCY_CODE"
    expected = gettext_lazy("an ISO 4217 code such as USD (see /api/v1/currencies)")
    openapi: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z]{3}$"}

    def to_internal_value(self, data: Any) -> Any:
        return self._code(str(data))

    def _code(self, provided: str) -> str:
        # ASCII before upper-casing: "ınr" would become INR.
        if _CODE.fullmatch(provided.strip()) and is_currency(code := provided.strip().upper()):
            return code
        raise ApiError(
            "INVALID_CURRENCY_CODE",
            _("“{provided}” is not a currency we know: expected an ISO 4217 code such as USD.").format(
                provided=provided
            ),
            parameter=self.field_name,
            provided=provided,
            expected=str(self.expected),
        )


class CurrencyCodesField(CurrencyCodeField):
    """Comma-separated codes, each once, in the order given."""

    expected = gettext_lazy(
        "ISO 4217 codes separated by commas, such as USD,JPY,EUR (see /api/v1/currencies)"
    )
    openapi: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z]{3}(,[A-Za-z]{3})*$"}

    def to_internal_value(self, data: Any) -> Any:
        return list(dict.fromkeys(self._code(code) for code in str(data).split(",")))


class CountryCodeField(serializers.CharField):
    """One ISO 3166-1 alpha-2 code, or EU; case-insensitive, upper-case out.

    Raises: ApiError INVALID_COUNTRY_CODE for anything else.
    """

    error_code = "INVALID_COUNTRY_CODE"
    expected = gettext_lazy("an ISO 3166-1 alpha-2 code such as JP, or EU for the euro area")
    openapi: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z]{2}$"}

    def to_internal_value(self, data: Any) -> Any:
        provided = str(data).strip()
        if _COUNTRY.fullmatch(provided) and is_country(code := provided.upper()):
            return code
        raise refusal(str(self.field_name), data, str(self.expected), code="INVALID_COUNTRY_CODE")


class RateDayField(serializers.DateField):
    """A calendar day for which there can be a rate; no source goes back beyond 1950."""

    earliest = date(1950, 1, 1)
    expected = gettext_lazy("a date such as 2026-10-30, from 1950-01-01")

    def to_internal_value(self, value: Any) -> date:
        # Python also reads 20261030 and 2026-W44-5.
        if not _DAY.fullmatch(str(value)):
            raise serializers.ValidationError("not a day")
        day = super().to_internal_value(value)
        if day < self.earliest:
            raise serializers.ValidationError("too early")
        return day


class AmountField(serializers.Field):  # type: ignore[type-arg]  # DRF's Field cannot be subscripted
    """An amount of money: a plain decimal number above zero, up to a trillion, at most 10 decimals."""

    expected = gettext_lazy("a number above 0 and up to 1000000000000, such as 100 or 99.5")
    most = Decimal(10) ** 12
    openapi: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0, "maximum": 10**12}

    def to_internal_value(self, data: Any) -> Decimal:
        # Stricter than Decimal, which also reads 1_000, １００, 1e3 and Infinity.
        if not _AMOUNT.fullmatch(str(data)):
            raise serializers.ValidationError("not a plain number")
        amount = Decimal(str(data))
        if not 0 < amount <= self.most:
            raise serializers.ValidationError("out of range")
        return amount

    def to_representation(self, value: Any) -> Any:
        return value


class FreshQuery(Query):
    """For endpoints that tell rates: how old a rate the caller will still take."""

    max_age_days = WholeNumber(
        required=False,
        min_value=0,
        max_value=3650,
        help_text="Refuse (409 STALE_DATA) where a rate is older, in days on which its provider publishes",
    )
    strict = serializers.BooleanField(
        default=False, help_text="Refuse (409 STALE_DATA) where a rate is late or suspended"
    )

    def get_fields(self) -> dict[str, Any]:
        # After an endpoint's own, in refusals and in the document.
        fields = super().get_fields()
        last = {name: fields.pop(name) for name in ("max_age_days", "strict")}
        return {**fields, **last}

    @classmethod
    def insists(cls, values: Mapping[str, Any]) -> bool:
        return bool(values["strict"]) or "max_age_days" in values


def refuse_old(found: Mapping[str, Freshness], query: Mapping[str, Any]) -> None:
    """Hold rates, by what they are rates of, against a `FreshQuery`.

    Raises: ApiError STALE_DATA, naming every rate that is older than the caller will take.
    """
    most = query.get("max_age_days")
    if most is not None and (old := _over(found, lambda one: one.age_days > most)):
        expected = _("rates at most {days} business days old").format(days=most)
        raise _stale("max_age_days", most, expected, old)
    if query["strict"] and (old := _over(found, lambda one: one.is_old)):
        raise _stale("strict", True, _("rates that are neither late nor suspended"), old)


def _over(found: Mapping[str, Freshness], is_too_old: Callable[[Freshness], bool]) -> dict[str, Freshness]:
    return {code: one for code, one in found.items() if is_too_old(one)}


def _stale(parameter: str, provided: Any, expected: str, old: Mapping[str, Freshness]) -> ApiError:
    return ApiError(
        "STALE_DATA",
        _("What we hold is older than you will take: {codes}; expected {expected}.").format(
            codes=", ".join(f"{code} {one.observed_on}" for code, one in old.items()), expected=expected
        ),
        parameter=parameter,
        provided=provided,
        expected=expected,
        stale={code: one.told() for code, one in old.items()},
    )
