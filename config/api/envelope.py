"""The envelope around every answer, as bytes.

Key order is part of the work here: `timestamp` and `version` come last, so that an answer that is
stored can be told again with the time of telling spliced in (`config.api.answers`).
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from typing import Any

import orjson
from django.utils import timezone
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

VERSION = "v1"
CONTENT_TYPE = "application/json"
# More than the contract's six, fewer than binary floats hold: nothing a reader can tell apart.
_DIGITS = Context(prec=10)


def number(value: Decimal) -> float:
    """A rate as a JSON number: ten significant digits, without binary noise."""
    return float(_DIGITS.plus(value))


def instant(moment: datetime) -> str:
    """ISO 8601, UTC, whole seconds, with Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _bytes(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, default=_encode, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in an answer")


def success(data: Any, *, now: datetime) -> bytes:
    """`data` inside the envelope; Decimals become numbers, dates and instants ISO texts."""
    return _bytes({"success": True, "data": data, "timestamp": now, "version": VERSION})


def failure(code: str, message: str, details: Mapping[str, Any], *, now: datetime) -> bytes:
    """An error inside the envelope."""
    error = {"code": code, "message": message, "details": details}
    return _bytes({"success": False, "error": error, "timestamp": now, "version": VERSION})


class EnvelopeRenderer(BaseRenderer):
    """Wraps what a view returns, or what the exception handler made of its failure."""

    media_type = CONTENT_TYPE
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        now = timezone.now()
        # Set by DRF where the exception handler spoke; a health report may be a 503 with data.
        if response is not None and response.exception:
            return failure(data["code"], str(data["message"]), data["details"], now=now)
        return success(data, now=now)
