"""The environment, read once, with one clear line when a value is wrong or missing.

Only `config/settings/` uses this module; the rest of the project reads `django.conf.settings`.
"""

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_PROVIDER_VARIABLE = re.compile(r"^PROVIDER_([A-Z0-9_]+?)_(URL|API_KEY|CA_BUNDLE|TIMEOUT)$")
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_REQUIRED: Any = environ.Env.NOTSET


def refuse(name: str, reason: str) -> NoReturn:
    """Stop the start. `reason` says what is accepted; the value itself may be a secret."""
    raise SystemExit(f"Configuration: {name}: {reason} (see .env.example)")


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.scheme in {"redis", "rediss"} and parts.hostname and (parts.port or 6379) > 0)
    except ValueError:  # a port that is no number, brackets in a password: Python's own word repeats them
        return False


class Environment:
    """Typed readers over the process environment, each refusing what it cannot use."""

    def __init__(self) -> None:
        self._env = environ.Env()

    def read_file(self, path: Path) -> None:
        """Take defaults from a `.env` file; variables already set win."""
        if path.is_file():
            environ.Env.read_env(str(path))

    def _read(self, reader: Callable[..., Any], name: str, default: Any, expected: str) -> Any:
        try:
            value = reader(name, default=default)
        except (ImproperlyConfigured, ValueError, TypeError):
            refuse(
                name, f"is missing, expected {expected}" if name not in os.environ else f"expected {expected}"
            )
        return value

    def text(self, name: str, default: str = _REQUIRED) -> str:
        value: str = self._read(self._env.str, name, default, "a text")
        if default is _REQUIRED and not value:
            refuse(name, "is empty, expected a text")
        return value

    def one_of(self, name: str, accepted: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in accepted:
            refuse(name, f"expected one of {', '.join(accepted)}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name, str(default)).strip().lower()
        if value not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
            refuse(name, "expected true or false")
        return value in {"true", "1", "yes", "on"}

    def number(self, name: str, default: int, *, minimum: int = 0, maximum: int | None = None) -> int:
        expected = f"a whole number from {minimum}" + (f" to {maximum}" if maximum is not None else "")
        value: int = self._read(self._env.int, name, default, expected)
        if value < minimum or (maximum is not None and value > maximum):
            refuse(name, f"expected {expected}")
        return value

    def address(self, name: str) -> str:
        """An http(s) address that has to be there, without a slash at its end."""
        url = self.text(name)
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            refuse(name, "expected an http(s) address")
        return url.rstrip("/")

    def words(self, name: str, default: list[str] = _REQUIRED) -> list[str]:
        value: list[str] = self._read(self._env.list, name, default, "a comma-separated list")
        if default is _REQUIRED and not value:
            refuse(name, "is empty, expected a comma-separated list")
        return value

    def encryption_keys(self, name: str, default: list[str] = _REQUIRED) -> list[str]:
        """Fernet keys, the one that encrypts first."""
        keys = self.words(name, default)
        if not all(_FERNET_KEY.fullmatch(key) for key in keys):
            refuse(name, "expected Fernet keys (32 random bytes in URL-safe base64), comma-separated")
        return keys

    def instant(self, name: str) -> datetime | None:
        """An ISO 8601 time with its offset, in UTC; None when unset."""
        value = self.text(name, "")
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            refuse(name, "expected an ISO 8601 time such as 2026-11-22T10:30:00Z")
        if moment.tzinfo is None:
            refuse(name, "expected a time with its zone, such as 2026-11-22T10:30:00Z")
        return moment.astimezone(UTC)

    def database(self, name: str, default: str = _REQUIRED) -> dict[str, Any]:
        """A Django database from `sqlite:///file` or `mysql://user:password@host:port/name`."""
        url = self.text(name, default)
        scheme = url.split(":", 1)[0]
        if scheme not in {"sqlite", "mysql"}:
            refuse(name, "expected sqlite:///path or mysql://user:password@host:port/name")
        try:
            options: dict[str, Any] = dict(environ.Env.db_url_config(url))
            port = options.get("PORT") or 0
            if scheme == "mysql" and not (options.get("HOST") and options.get("NAME") and int(port) >= 0):
                raise ValueError
        except (ValueError, ImproperlyConfigured):
            refuse(name, "expected sqlite:///path or mysql://user:password@host:port/name")
        return options

    def cache(self, name: str, default: str = _REQUIRED) -> str:
        """`locmem://`, or a Redis address `redis://host:port/number` (`rediss://` for TLS)."""
        url = self.text(name, default)
        if not _is_redis(url) and not url.startswith("locmem:"):
            refuse(name, "expected locmem:// or redis://host:port/number")
        return url

    def broker(self, name: str, default: str = _REQUIRED) -> str:
        """Empty for tasks in process, a Redis address, or `sqs://`."""
        url = self.text(name, default)
        if url and url != "sqs://" and not _is_redis(url):
            refuse(name, "expected sqs://, redis://host:port/number, or nothing for tasks in process")
        return url

    def archive(self, name: str, default: str) -> tuple[str, str, str]:
        """(scheme, place, prefix) of `file:///folder` or `s3://bucket/prefix`."""
        parts = urlsplit(self.text(name, default))
        if parts.scheme == "file" and parts.path:
            return "file", parts.path, ""
        if parts.scheme == "s3" and parts.netloc:
            return "s3", parts.netloc, parts.path.strip("/")
        refuse(name, "expected file:///folder or s3://bucket/prefix")

    def providers(self) -> dict[str, dict[str, str]]:
        """What the environment says of providers: {"ecos": {"api_key": "…", "timeout": "20"}}.

        Any `PROVIDER_<KEY>_(URL|API_KEY|CA_BUNDLE|TIMEOUT)` is taken, so that a new provider
        needs no new line here.
        """
        told: dict[str, dict[str, str]] = {}
        for name, value in os.environ.items():
            match = _PROVIDER_VARIABLE.match(name)
            if name.startswith("PROVIDER_") and match is None:
                refuse(name, "expected PROVIDER_<KEY>_URL, _API_KEY, _CA_BUNDLE or _TIMEOUT")
            if match and value:
                self._check_provider(name, match[2], value)
                told.setdefault(match[1].lower(), {})[match[2].lower()] = value
        return told

    @staticmethod
    def _check_provider(name: str, option: str, value: str) -> None:
        if option == "URL" and urlsplit(value).scheme not in {"http", "https"}:
            refuse(name, "expected an http(s) address")
        if option == "CA_BUNDLE" and not Path(value).is_file():
            refuse(name, "expected the path of a PEM file")
        if option == "TIMEOUT":
            try:
                seconds = float(value)
            except ValueError:
                seconds = 0.0
            if not 0 < seconds <= 120:
                refuse(name, "expected seconds, above 0 and up to 120")
