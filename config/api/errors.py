"""Errors of the API: a stable code, the status it travels with, what was wrong and what is accepted.

Domain code raises `ApiError` only at the edge (views, query parsing); `answer_exception` turns
everything else that can escape a view into the same shape.
"""

from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response

log = structlog.get_logger(__name__)

STATUS = {
    "MISSING_PARAMETER": 400,
    "INVALID_PARAMETER": 400,
    "INVALID_CURRENCY_CODE": 400,
    "INVALID_COUNTRY_CODE": 400,
    "INVALID_PERIOD": 400,
    "MALFORMED_REQUEST": 400,
    "AUTHENTICATION_REQUIRED": 401,
    "INVALID_API_KEY": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "STALE_DATA": 409,
    "PAYLOAD_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMIT_EXCEEDED": 429,
    "INTERNAL_SERVER_ERROR": 500,
    "DATABASE_UNAVAILABLE": 503,
    "CACHE_UNAVAILABLE": 503,
    "EXTERNAL_API_ERROR": 503,
}
# The code for a status that arrives without one (Django's own pages, a crashed view).
CODE_OF_STATUS = {
    400: "MALFORMED_REQUEST",
    401: "AUTHENTICATION_REQUIRED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMIT_EXCEEDED",
    503: "DATABASE_UNAVAILABLE",
}


class ApiError(Exception):
    """A refusal with a code of the contract. `details` names `parameter`, `provided`, `expected`."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.status = STATUS[code]
        self.message = message
        self.details = details


def plain_message(code: str) -> str:
    """What to say when nothing more particular is known."""
    return {
        "MALFORMED_REQUEST": _("The request could not be read."),
        "AUTHENTICATION_REQUIRED": _("This needs an API key: send the header Authorization: Bearer <key>."),
        "INVALID_API_KEY": _("This API key is not known, has expired or was revoked."),
        "PERMISSION_DENIED": _("This API key or session may not do that."),
        "NOT_FOUND": _("There is nothing at this address. See /api/docs for what there is."),
        "METHOD_NOT_ALLOWED": _("This address does not accept that method."),
        "NOT_ACCEPTABLE": _("Answers are JSON only: accept application/json."),
        "PAYLOAD_TOO_LARGE": _("The body is too large: at most 64 KiB are accepted."),
        "UNSUPPORTED_MEDIA_TYPE": _("The body must be JSON: send Content-Type: application/json."),
        "RATE_LIMIT_EXCEEDED": _("Too many requests. Try again after the time in Retry-After."),
        "DATABASE_UNAVAILABLE": _("The data cannot be read at the moment. Try again in a minute."),
    }.get(code, _("Something went wrong on our side. The incident has been recorded."))


def message_in(language: str, code: str) -> str:
    """`plain_message`, for who speaks before a language is in force."""
    with translation.override(language):
        return plain_message(code)


def answer_exception(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: any exception, as the data of a failure envelope."""
    error = _as_api_error(exc)
    if error.code == "INTERNAL_SERVER_ERROR":
        log.error("request_failed", exc_info=exc)
    elif error.status == 503:
        log.error("unavailable", code=error.code, error=type(exc.__cause__ or exc).__name__)
    response = Response(
        {"code": error.code, "message": error.message, "details": error.details}, status=error.status
    )
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if isinstance(exc, exceptions.MethodNotAllowed) and context.get("view"):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def _as_api_error(exc: Exception) -> ApiError:
    if isinstance(exc, ApiError):
        return exc
    code, details = "INTERNAL_SERVER_ERROR", {}
    if isinstance(exc, OperationalError | InterfaceError):
        code = "DATABASE_UNAVAILABLE"
    elif isinstance(exc, DatabaseError):
        code = "INTERNAL_SERVER_ERROR"
    elif isinstance(exc, RequestDataTooBig):
        code, details = "PAYLOAD_TOO_LARGE", {"expected": "at most 65536 bytes"}
    elif isinstance(exc, SuspiciousOperation):  # too many parameters, a Host that is not ours
        code = "MALFORMED_REQUEST"
    elif isinstance(exc, Http404):
        code = "NOT_FOUND"
    elif isinstance(exc, PermissionDenied):
        code = "PERMISSION_DENIED"
    elif isinstance(exc, exceptions.ParseError):
        code, details = "MALFORMED_REQUEST", {"expected": "a JSON object"}
    elif isinstance(exc, exceptions.APIException):
        code = CODE_OF_STATUS.get(exc.status_code, "INTERNAL_SERVER_ERROR")
    return ApiError(code, plain_message(code), **details)
