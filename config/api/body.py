"""Request bodies: one JSON object, read strictly, and checked as strictly as query strings.

orjson refuses what the standard library lets through or falls over: NaN, lone surrogates, nesting
without end, bytes that are no UTF-8. The standard library sees what orjson does not tell: a name
that is given twice, of which every reader takes another one.
"""

import json
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.parsers import BaseParser

from config.api.query import Strict


class JsonObject(BaseParser):
    """Raises: ParseError for anything but one JSON object in UTF-8."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            sent = stream.read()
            value = orjson.loads(sent)
            json.loads(sent, object_pairs_hook=_each_once)
        except (ValueError, RecursionError, UnreadablePostError) as exc:
            raise exceptions.ParseError from exc
        if not isinstance(value, dict):
            raise exceptions.ParseError
        return value


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _value in pairs]
    if len(set(names)) < len(names):
        raise ValueError("a name is given twice")


class Body(Strict):
    """Base of every endpoint's body."""

    # Under a misspelt name may be whatever was meant for a personal one.
    tells_unknown = False

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> dict[str, Any]:
        """The checked values, defaults filled in.

        Raises: ApiError naming the first field that is unknown, missing or wrong.
        """
        cls.refuse_unknown(body)
        return cls.checked(dict(body))


class Text(serializers.CharField):
    """A JSON string, kept as it is: no number, nothing trimmed. None counts as left out.

    With `personal` an error does not repeat it.
    """

    def __init__(self, *, personal: bool = False, **options: Any) -> None:
        self.personal = personal
        super().__init__(trim_whitespace=False, **options)

    @property
    def expected(self) -> str:
        if self.min_length:
            return _("a text of {least} to {most} characters, not blank, without control characters").format(
                least=self.min_length, most=self.max_length
            )
        return _("a text of at most {most} characters, without control characters").format(
            most=self.max_length
        )

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)
