"""Strict query strings: what an endpoint does not understand it refuses, by name.

A `Query` is a DRF serializer, so the same declaration parses the request and describes the
parameters in the OpenAPI document.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers

from config.api.errors import ApiError

_MOST_TOLD = 200


class Strict(serializers.Serializer[Any]):
    """What queries and bodies share. A field may name its own `error_code`, or be `personal`."""

    #: Whether the refusal of an unknown name repeats its value.
    tells_unknown: ClassVar[bool] = True

    @classmethod
    def refuse_unknown(cls, given: Mapping[str, Any], *, but: Mapping[str, Any] | None = None) -> None:
        """Raises: ApiError INVALID_PARAMETER for the first name that is no field, or is one of `but`."""
        accepted: list[str] = [name for name in map(str, cls().fields) if name not in (but or {})]
        for name in given:
            if name not in accepted:
                raise ApiError(
                    "INVALID_PARAMETER",
                    _("The parameter “{parameter}” is not known here.").format(parameter=name),
                    parameter=name,
                    provided=_told(given[name]) if cls.tells_unknown else None,
                    expected=_one_of(accepted) if accepted else _("no parameters"),
                )

    @classmethod
    def checked(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Raises: ApiError for the first field that is missing or wrong."""
        form = cls(data=given)
        if not form.is_valid():
            raise _first_error(form)
        values: dict[str, Any] = form.validated_data
        return values


class Query(Strict):
    """Base of every endpoint's parameters."""

    @classmethod
    def read(cls, parameters: QueryDict, path: Mapping[str, str]) -> dict[str, Any]:
        """The checked values, defaults filled in; `path` holds what the URL itself carries.

        Raises: ApiError naming the first parameter that is unknown, repeated, missing or wrong.
        """
        given = parameters.dict()
        cls.refuse_unknown(given, but=path)
        for name in given:
            if len(parameters.getlist(name)) > 1:
                raise ApiError(
                    "INVALID_PARAMETER",
                    _("The parameter “{parameter}” was given more than once.").format(parameter=name),
                    parameter=name,
                    provided=parameters.getlist(name),
                    expected=_("one value; lists are comma-separated"),
                )
        return cls.checked({**given, **path})

    @classmethod
    def insists(cls, values: Mapping[str, Any]) -> bool:
        """Whether the caller would rather have no answer than one that is past its time."""
        return False


def _told(value: Any) -> Any:
    """What was provided, as an error repeats it: not whole lists and objects, and no long text."""
    if isinstance(value, str):
        return value[:_MOST_TOLD]
    return value if isinstance(value, int | float | bool) else None


def _one_of(names: list[str]) -> str:
    return _("one of: {names}").format(names=", ".join(names))


def _first_error(form: Strict) -> ApiError:
    name, reasons = next(iter(form.errors.items()))
    field = form.fields.get(name)
    provided = form.initial_data.get(name)
    if reasons[0].code == "required" or provided == "":
        return ApiError(
            "MISSING_PARAMETER",
            _("The parameter “{parameter}” is missing.").format(parameter=name),
            parameter=name,
            provided=provided,
            expected=expectation(field),
        )
    return refusal(
        name,
        None if getattr(field, "personal", False) else provided,
        expectation(field),
        code=getattr(field, "error_code", "INVALID_PARAMETER"),
    )


def refusal(name: str, provided: Any, expected: str, *, code: str = "INVALID_PARAMETER") -> ApiError:
    """The error for a value that is not accepted; with `provided` None it is not repeated."""
    told = _told(provided)
    if told is None:
        message = _("The parameter “{parameter}” cannot be that: expected {expected}.")
    else:
        message = _("The parameter “{parameter}” cannot be “{provided}”: expected {expected}.")
    return ApiError(
        code,
        message.format(parameter=name, provided=told, expected=expected),
        parameter=name,
        provided=told,
        expected=expected,
    )


def expectation(field: Any) -> str:
    """What `field` accepts, in words for `details.expected`."""
    if told := getattr(field, "expected", ""):
        return str(told)
    if isinstance(field, serializers.ChoiceField):
        return _one_of([str(choice) for choice in field.choices])
    if isinstance(field, serializers.BooleanField):
        return _("true or false")
    if isinstance(field, serializers.DateField):
        return _("a date such as 2026-10-30")
    if isinstance(field, serializers.IntegerField):
        return _("a whole number from {least} to {most}").format(least=field.min_value, most=field.max_value)
    return _("a text")


class Choice(serializers.ChoiceField):
    """One of a few words, case-insensitive, with the contract's own error code."""

    def __init__(self, choices: Any, *, error_code: str = "INVALID_PARAMETER", **options: Any) -> None:
        self.error_code = error_code
        super().__init__(choices, **options)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(data.lower() if isinstance(data, str) else data)


class WholeNumber(serializers.IntegerField):
    """Plain digits alone; Python also reads 1_0, 5.0 and １０."""

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(data)):
            self.fail("invalid")
        return super().to_internal_value(data)
