"""The OpenAPI 3.1 document: what each endpoint's `query` and `body` take, answers inside the envelope.

The envelope is made by the renderer, where drf-spectacular cannot see it, so it is told here; so
are the errors every endpoint can give, each with its codes.
"""

from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from config.api.errors import STATUS
from config.api.query import Strict, expectation

_ANYWHERE_UNDER_API = ("INVALID_PARAMETER", "INVALID_API_KEY", "NOT_ACCEPTABLE", "RATE_LIMIT_EXCEEDED")
_ANYWHERE = ("INVALID_PARAMETER", "NOT_ACCEPTABLE")
_WITH_A_BODY = ("MALFORMED_REQUEST", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE")
_UNAVAILABLE = ("INTERNAL_SERVER_ERROR", "DATABASE_UNAVAILABLE")

_TIMESTAMP = {"type": "string", "format": "date-time", "description": "Time of this answer, UTC"}
_VERSION = {"const": "v1"}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Sent again with the same key, a request is answered as the first time and counts once",
}
_RATE_HEADERS = {
    "X-RateLimit-Limit": "Requests an hour this caller may make",
    "X-RateLimit-Remaining": "Requests left in this window",
    "X-RateLimit-Reset": "End of this window, unix seconds",
    "X-RateLimit-Window": "Length of the window, seconds",
}


class EnvelopeSchema(AutoSchema):
    """How one endpoint is described."""

    view: Any

    def _process_override_parameters(self, direction: str = "request") -> dict[tuple[str, str], Any]:
        described = {}
        for name, field in self.view.query().fields.items():
            place = "path" if "{" + name + "}" in self.path else "query"
            described[name, place] = self._parameter(name, place, field)
        if getattr(self.view, "is_idempotent", False):
            described["Idempotency-Key", "header"] = dict(_IDEMPOTENCY_KEY)
        return described

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "body", None)

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        # A field that reads its own grammar says so itself.
        own = getattr(field, "openapi", None) if direction == "request" else None
        return own or super()._map_serializer_field(field, direction, bypass_extensions)

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        return {**schema, "additionalProperties": False} if isinstance(serializer, Strict) else schema

    def _parameter(self, name: str, place: str, field: Any) -> dict[str, Any]:
        schema = dict(self._map_serializer_field(field, "request"))
        schema.pop("description", None)
        schema.pop("readOnly", None)
        if field.default is not serializers.empty:
            schema["default"] = field.default
        parameter: dict[str, Any] = {"name": name, "in": place, "schema": schema}
        if field.required or place == "path":
            parameter["required"] = True
        parameter["description"] = ". ".join(filter(None, [str(field.help_text or ""), expectation(field)]))
        return parameter

    def get_operation_id(self) -> str:
        return type(self.view).__name__

    def get_summary(self) -> str:
        return str(self.view.__doc__).strip().split("\n")[0]

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_tags(self) -> list[str]:
        module: str = type(self.view).__module__
        return ["platform" if module.startswith("config") else module.split(".")[0]]

    def get_auth(self) -> list[dict[str, list[str]]]:
        if "AUTHENTICATION_REQUIRED" in self.view.error_codes:
            return [{"apiKey": []}, {"session": []}]
        return [{}, {"apiKey": []}] if self._is_limited() else []

    def _is_limited(self) -> bool:
        return bool(self.path.startswith("/api/"))

    def get_response_serializers(self) -> Any:
        answer = self.resolve_serializer(self.view.answer_schema, "response").ref
        success = getattr(self.view, "success_status", 200)
        responses: dict[int, Any] = {success: _envelope(True, {"data": answer})}
        codes: dict[int, list[str]] = {}
        general = _ANYWHERE_UNDER_API if self._is_limited() else _ANYWHERE
        named = self.view.error_codes
        # An empty value counts as missing, for optional parameters too.
        has_body = getattr(self.view, "body", None) is not None
        missing = ("MISSING_PARAMETER",) if has_body or self.view.query().fields else ()
        body = _WITH_A_BODY if self.method == "POST" else ()
        for code in (*general, *missing, *body, *named, *(_UNAVAILABLE if self._is_limited() else ())):
            codes.setdefault(STATUS[code], []).append(code)
        for status, possible in sorted(codes.items()):
            responses[status] = _error(possible)
        if not self._is_limited():
            responses[503] = _envelope(True, {"data": answer})
        return responses

    def _get_response_headers_for_code(self, status_code: str, direction: str = "response") -> dict[str, Any]:
        headers = {
            "X-Correlation-ID": {"schema": {"type": "string"}, "description": "The caller's, or a new one"}
        }
        if self._is_limited():
            headers |= {
                name: {"schema": {"type": "integer"}, "description": told}
                for name, told in _RATE_HEADERS.items()
            }
        return headers


def _envelope(success: bool, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "success": {"const": success},
            **content,
            "timestamp": _TIMESTAMP,
            "version": _VERSION,
        },
        "required": ["success", *content, "timestamp", "version"],
        "additionalProperties": False,
    }


def _error(codes: list[str]) -> dict[str, Any]:
    error = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "enum": codes},
            "message": {"type": "string", "description": "What was wrong and what is accepted"},
            "details": {"type": "object", "description": "`parameter`, `provided`, `expected`"},
        },
        "required": ["code", "message", "details"],
    }
    return _envelope(False, {"error": error})


class Generator(SchemaGenerator):
    """The whole document; descriptions are the endpoints' own docstrings."""

    def get_schema(self, request: Any = None, public: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = super().get_schema(request, public)
        schema["components"]["securitySchemes"] = {
            "apiKey": {"type": "http", "scheme": "bearer", "description": "Raises the hourly limits"},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "Of a staff member; goes with the header X-CSRFToken",
            },
        }
        schema["info"]["description"] = (
            "원화 환율, 환율 이력, 여행지 순위. Won exchange rates, their history, and where people travel. "
            "`rates[X]` is the price of one unit of X in the base currency; times are UTC; trading days are Seoul days. "
            "An hour has limits, which every answer tells in its headers: reads for each address, selections for each "
            "address apart, and both together for each key. What is not described here is refused: unknown parameters "
            "and fields, too."
        )
        return schema
