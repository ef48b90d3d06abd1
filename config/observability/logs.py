"""Structured logs: one JSON object a line on standard output, or readable lines on a terminal.

Every event carries the correlation id of the request or run it belongs to (`bound`). Keys in
addresses, authorization headers and user ids never reach a line: `scrub` takes them out of every
text field, whoever logged it.
"""

import logging
import logging.config
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import orjson
import structlog

_SECRET_FIELDS = frozenset(
    {
        "authorization",
        "api_key",
        "apikey",
        "key",
        "authkey",
        "password",
        "secret",
        "token",
        "user_id",
        "session_id",
    }
)
_SECRET_PARAMETER = re.compile(
    r"(?i)\b(api_?key|auth_?key|access_?key|service_?key|key|token|user_id|session_id)=[^&\s\"']+"
)
#: As Python and JSON print them.
_PERSONAL = re.compile(r"""\b(user_id|session_id)(["']?\s*[=:]\s*)(["'])(?:(?!\3).)*\3""")
_ECOS_KEY = re.compile(r"(/api/(?:Statistic\w+|KeyStatisticList)/)[^/\s]+")
_BEARER = re.compile(r"(?i)\bbearer\s+\S+")


def scrub(text: str) -> str:
    """`text` without API keys: query parameters, ECOS's path segment, bearer headers."""
    if "=" in text:
        text = _SECRET_PARAMETER.sub(r"\1=***", text)
    if "_id" in text:
        text = _PERSONAL.sub(r"\1\2\3***\3", text)
    if "/api/" in text:
        text = _ECOS_KEY.sub(r"\1***", text)
    return _BEARER.sub("Bearer ***", text)


def _without_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "caused_by" in event:
        # What a retry was for, by name: a duplicate key would tell the row's hashes.
        event["caused_by"] = str(event["caused_by"]).partition("(")[0]
    for field, value in event.items():
        if field in _SECRET_FIELDS:
            event[field] = "***"
        elif isinstance(value, str):
            event[field] = scrub(value)
    return event


def _json(event: MutableMapping[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _without_secrets,
]


def configure(options: dict[str, str]) -> None:
    """Set structlog and the standard library up alike (Django calls this with `LOGGING`)."""
    json_lines = options["format"] == "json"
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=_json) if json_lines else structlog.dev.ConsoleRenderer()
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": _SHARED,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                }
            },
            "handlers": {
                "stdout": {"class": "logging.StreamHandler", "stream": sys.stdout, "formatter": "structured"},
                "null": {"class": "logging.NullHandler"},
            },
            # Root, too: Lambda brings a root handler of its own and would print everything twice.
            "root": {"handlers": ["stdout"], "level": options["level"]},
            "loggers": {
                "django.server": {"handlers": ["null"], "propagate": False},  # the gate logs requests
                "django.request": {"level": "ERROR"},
                # Access lines in Apache's format, with the whole query string.
                "zappa": {"level": "WARNING"},
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "botocore": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Fields on every event inside; whatever an earlier request or task left is gone first."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**fields)
    try:
        yield
    finally:
        structlog.contextvars.clear_contextvars()
