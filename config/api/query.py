"""Strict query strings: what an endpoint does not understand it refuses, by name.

A `Query` is a DRF serializer, so the same declaration parses the request and describes the
parameters in the OpenAPI document.
"""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers

from config.api.errors import ApiError


class Query(serializers.Serializer[Any]):
    """Base of every endpoint's parameters. A field may name its own `error_code`."""

    @classmethod
    def read(cls, parameters: QueryDict, path: Mapping[str, str]) -> dict[str, Any]:
        """The checked values, defaults filled in; `path` holds what the URL itself carries.

        Raises: ApiError naming the first parameter that is unknown, repeated, missing or wrong.
        """
        accepted: list[str] = [name for name in map(str, cls().fields) if name not in path]
        for name in parameters:
            if name not in accepted:
                raise ApiError(
                    "INVALID_PARAMETER",
                    _("The parameter “{parameter}” is not known here.").format(parameter=name),
                    parameter=name,
                    provided=parameters[name],
                    expected=_one_of(accepted) if accepted else _("no parameters"),
                )
            if len(parameters.getlist(name)) > 1:
                raise ApiError(
                    "INVALID_PARAMETER",
                    _("The parameter “{parameter}” was given more than once.").format(parameter=name),
                    parameter=name,
                    provided=parameters.getlist(name),
                    expected=_("one value; lists are comma-separated"),
                )
        query = cls(data={**parameters.dict(), **path})
        if not query.is_valid():
            raise _first_error(query)
        values: dict[str, Any] = query.validated_data
        return values


def _one_of(names: list[str]) -> str:
    return _("one of: {names}").format(names=", ".join(names))


def _first_error(query: Query) -> ApiError:
    name, reasons = next(iter(query.errors.items()))
    field = query.fields.get(name)
    provided = query.initial_data.get(name)
    if reasons[0].code == "required" or provided == "":
        return ApiError(
            "MISSING_PARAMETER",
            _("The parameter “{parameter}” is missing.").format(parameter=name),
            parameter=name,
            provided=provided,
            expected=expectation(field),
        )
    return ApiError(
        getattr(field, "error_code", "INVALID_PARAMETER"),
        _("The parameter “{parameter}” cannot be “{provided}”: expected {expected}.").format(
            parameter=name, provided=provided, expected=expectation(field)
        ),
        parameter=name,
        provided=provided,
        expected=expectation(field),
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
