"""The gate: what every API request passes before Django is asked, and often instead of it.

Correlation id, CORS, API key, limits, stored answers with ETag and HEAD, and one access-log line.
It wraps the WSGI application, so that an answer that has not changed costs none of Django's
middleware, routing and rendering; whatever it cannot answer itself goes on to Django, and what
comes back leaves with the same headers. Nothing under /api/ leaves as HTML, except the
documentation page.
"""

import re
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from http.client import responses
from typing import Any
from urllib.parse import quote

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils import translation

from config import replica
from config.api.admission import Admission, Door
from config.api.answers import AnswerStore, StoredAnswer, same_question, store_of, subject_of
from config.api.envelope import CONTENT_TYPE, failure
from config.api.errors import CODE_OF_STATUS, ApiError, message_in
from config.api.visit import Environ, Headers, Visit
from config.cache import generation
from config.client_address import client_address
from config.observability.access import access_line, with_line
from config.observability.logs import bound

StartResponse = Callable[..., Any]

MAX_BODY = 64 * 1024
#: Seconds for which a past answer stands in for a database that has just failed.
_BREATH = 5.0

_OURS = re.compile(r"/(?:api|health|version)(?:/|$)")
_JSON_POLICY = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
_PREFLIGHT: Headers = [
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "Content-Type, Authorization, X-Correlation-ID, Idempotency-Key"),
    ("Access-Control-Max-Age", "86400"),
    ("Content-Length", "0"),
]
# Django and DRF set these for pages and browsable answers; here the gate speaks.
_REPLACED = frozenset(
    {
        "content-length",
        "content-language",
        "cross-origin-opener-policy",
        "referrer-policy",
        "server",
        "x-content-type-options",
        "x-frame-options",
    }
)

log = structlog.get_logger(__name__)


class Gate:
    """WSGI middleware around Django for /api/, /health and /version; other paths go straight on."""

    def __init__(self, application: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self._application = application
        self._door = Door()
        self._answers = AnswerStore()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not _OURS.match(path):
            return with_line(self._application, environ, start_response)
        visit = Visit(environ)
        try:
            visit.address = client_address(environ, trusted_proxies=settings.TRUSTED_PROXIES)
            status, headers, body = self._answer(visit)
        except ApiError as error:
            status, headers, body = self._refusal(visit, error)
        except Exception as exc:
            log.error(
                "request_failed",
                exc_info=exc,
                correlation_id=visit.correlation_id,
                request_id=visit.request_id,
            )
            crash = ApiError("INTERNAL_SERVER_ERROR", message_in(visit.language, "INTERNAL_SERVER_ERROR"))
            status, headers, body = self._refusal(visit, crash)
        if settings.ACCESS_LOG:
            access_line(
                method=visit.method,
                route=path,
                status=status,
                seconds=time.perf_counter() - visit.started,
                size=len(body),
                tier=visit.tier,
                correlation_id=visit.correlation_id,
                request_id=visit.request_id,
                key=visit.holder.prefix if visit.holder else None,
            )
        start_response(f"{status} {responses.get(status, '')}", headers)
        return [b"" if visit.head else body]

    # --- the way through ----------------------------------------------------------------------

    def _answer(self, visit: Visit) -> tuple[int, Headers, bytes]:
        environ = visit.environ
        if visit.method == "OPTIONS":
            return 204, visit.headers() + _PREFLIGHT, b""
        if not visit.path.startswith("/api"):
            # Probes: of this process alone, never kept, and asked under whatever Host.
            environ["HTTP_HOST"] = settings.PROBE_HOST
            return self._ask_django(visit)[0]
        if settings.SECURE_SSL_REDIRECT and not _is_secure(environ):
            return self._to_https(visit)
        self._check_host(visit)
        without_keys = self._admit(visit)
        self._check_body(visit)
        if visit.method not in {"GET", "HEAD"} or not _accepts_json(environ.get("HTTP_ACCEPT", "")):
            if without_keys is not None:
                raise without_keys
            return self._ask_django(visit)[0]
        key = f"{visit.path}?{same_question(environ.get('QUERY_STRING', ''))}|{visit.language}"
        found = self._answers.current(key, time.time())
        if found is None:
            with self._answers.flight(key):
                found = self._answers.current(key, time.time())
                if found is None:
                    if without_keys is not None:
                        raise without_keys
                    return self._fresh(visit, key)
        return self._told(visit, *found)

    def _admit(self, visit: Visit) -> ApiError | None:
        """Refuse what may not go on; returns the error to give where no answer is stored."""
        admission = self._door.admit(
            visit.method,
            visit.path,
            authorization=visit.environ.get("HTTP_AUTHORIZATION", ""),
            address=visit.address,
            language=visit.language,
            now=time.time(),
        )
        visit.holder, visit.allowance = admission.holder, admission.allowance
        if visit.method == "POST":
            # For a view that finds several things asked for at once; it raises where they are not left.
            visit.environ["gate.charge"] = partial(self._charge, visit, admission)
        if admission.refusal is not None and not admission.unless_stored:
            raise admission.refusal
        return admission.refusal

    def _charge(self, visit: Visit, admission: Admission, more: int) -> None:
        visit.allowance, spent = self._door.charge(admission, more, language=visit.language, now=time.time())
        if spent is not None:
            raise spent

    @staticmethod
    def _check_host(visit: Visit) -> None:
        # Before the store, so that a foreign Host is refused whether the answer is stored or not.
        if not _is_ours(visit.environ.get("HTTP_HOST") or visit.environ.get("SERVER_NAME", "")):
            raise ApiError(
                "MALFORMED_REQUEST", message_in(visit.language, "MALFORMED_REQUEST"), parameter="Host"
            )

    @staticmethod
    def _to_https(visit: Visit) -> tuple[int, Headers, bytes]:
        host = visit.environ.get("HTTP_HOST", "")
        if not _is_ours(host):
            raise ApiError(
                "MALFORMED_REQUEST", message_in(visit.language, "MALFORMED_REQUEST"), parameter="Host"
            )
        query = visit.environ.get("QUERY_STRING", "")
        place = f"https://{host}{quote(visit.path)}" + (f"?{query}" if query else "")
        return 301, [*visit.headers(), ("Location", place), ("Content-Length", "0")], b""

    @staticmethod
    def _check_body(visit: Visit) -> None:
        if "chunked" in visit.environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            # Django would read an empty body.
            raise ApiError(
                "MALFORMED_REQUEST",
                message_in(visit.language, "MALFORMED_REQUEST"),
                parameter="Transfer-Encoding",
                expected="Content-Length",
            )
        length = visit.environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit() and len(length) <= 12):
            raise ApiError("MALFORMED_REQUEST", message_in(visit.language, "MALFORMED_REQUEST"))
        if int(length) > MAX_BODY:
            raise ApiError(
                "PAYLOAD_TOO_LARGE",
                message_in(visit.language, "PAYLOAD_TOO_LARGE"),
                expected=f"at most {MAX_BODY} bytes",
            )

    def _fresh(self, visit: Visit, key: str) -> tuple[int, Headers, bytes]:
        number, now = generation.current(subject_of(visit.path)), time.time()
        answer, storable = self._ask_django(visit)
        status, headers, body = answer
        if status == 503 and (past := self._answers.past(key)) is not None and past[0].may_be_told_late:
            log.warning("past_answer_served", path=visit.path, correlation_id=visit.correlation_id)
            stored, tier = past
            # For some seconds the next readers are told this without waiting for the database.
            self._answers.hold(key, replace(stored, generation=number, fresh_until=now + _BREATH))
            return self._told(visit, stored, tier)
        if storable is None:
            return answer
        max_age, kept_headers = storable
        max_age = replica.life(max_age, generation=number, now=now)
        stored = store_of(body, kept_headers, number=number, max_age=max_age, now=now)
        self._answers.keep(key, stored)
        visit.tier = "database"
        if _matches(visit.environ, stored.etag):
            return 304, self._validators(visit, stored), b""
        return status, [*headers, ("ETag", stored.etag)], body

    def _told(self, visit: Visit, stored: StoredAnswer, tier: str) -> tuple[int, Headers, bytes]:
        visit.tier = tier
        headers = self._validators(visit, stored)
        if _matches(visit.environ, stored.etag):
            return 304, headers, b""
        body = stored.bytes_at(_timestamp(int(time.time())), tier)
        headers.append(("Content-Length", str(len(body))))
        return 200, headers, body

    @staticmethod
    def _validators(visit: Visit, stored: StoredAnswer) -> Headers:
        return [*visit.headers(), *stored.headers, ("ETag", stored.etag)]

    # --- Django -------------------------------------------------------------------------------

    def _ask_django(
        self, visit: Visit
    ) -> tuple[tuple[int, Headers, bytes], tuple[int, dict[str, str]] | None]:
        """Django's answer in our headers, and, where it may be kept, for how long and with which."""
        visit.environ["REQUEST_METHOD"] = "GET" if visit.head else visit.method
        visit.environ["gate.correlation_id"] = visit.correlation_id
        visit.environ["gate.holder"] = visit.holder
        visit.environ["gate.address"] = visit.address
        started: list[Any] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], None]:
            started[:] = [int(status.split(" ", 1)[0]), headers]
            return lambda data: None

        ids = {"correlation_id": visit.correlation_id, "request_id": visit.request_id}
        may_lag = replica.reading() if visit.method in {"GET", "HEAD"} else nullcontext()
        with bound(**ids), may_lag, translation.override(visit.language):
            chunks = self._application(visit.environ, start_response)
            try:
                body = b"".join(chunks)
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        status, given = started
        kept = {name: value for name, value in given if name.lower() not in _REPLACED}
        content_type = kept.get("Content-Type", "")
        if status >= 400 and not content_type.startswith(CONTENT_TYPE):
            code = CODE_OF_STATUS.get(status, "INTERNAL_SERVER_ERROR")
            raise ApiError(code, message_in(visit.language, code))
        if "json" in content_type:
            kept[_JSON_POLICY[0]] = _JSON_POLICY[1]
        if status == 200:
            kept.pop("Allow", None)
        storable = _life(status, kept) if visit.method in {"GET", "HEAD"} else None
        if status >= 400:
            kept["Cache-Control"] = "no-store"
        headers = [*visit.headers(), *kept.items(), ("Content-Length", str(len(body)))]
        return (status, headers, body), (storable, kept) if storable is not None else None

    def _refusal(self, visit: Visit, error: ApiError) -> tuple[int, Headers, bytes]:
        body = failure(error.code, error.message, error.details, now=datetime.now(UTC))
        headers = [
            *visit.headers(),
            _JSON_POLICY,
            ("Content-Type", CONTENT_TYPE),
            ("Cache-Control", "no-store"),
            ("Content-Length", str(len(body))),
        ]
        if error.status == 401:
            headers.append(("WWW-Authenticate", "Bearer"))
        return error.status, headers, body


def _is_secure(environ: Environ) -> bool:
    """As Django's request.is_secure() tells it."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        return bool(environ.get(name, "").split(",")[0].strip() == value)
    return bool(environ.get("wsgi.url_scheme") == "https")


@lru_cache(maxsize=256)
def _is_ours(host: str) -> bool:
    """Whether ALLOWED_HOSTS names this Host, its port aside."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def _accepts_json(accept: str) -> bool:
    return not accept or "*/*" in accept or "application/json" in accept or "application/*" in accept


def _matches(environ: Environ, etag: str) -> bool:
    """If-None-Match, by weak comparison (RFC 9110, 13.1.2)."""
    given = environ.get("HTTP_IF_NONE_MATCH", "")
    if not given:
        return False
    bare = etag.removeprefix("W/")
    return any(entry == "*" or entry.removeprefix("W/") == bare for entry in map(str.strip, given.split(",")))


_MAX_AGE = re.compile(r"\bmax-age=(\d+)")


def _life(status: int, headers: dict[str, str]) -> int | None:
    """Seconds a response may be kept, as it says itself; None where it may not."""
    control = headers.get("Cache-Control", "")
    if status != 200 or "public" not in control or "Set-Cookie" in headers:
        return None
    found = _MAX_AGE.search(control)
    return int(found[1]) if found else None


_second = (0, "")


def _timestamp(now: int) -> str:
    """`now` in the envelope's form; formatted once a second."""
    global _second
    second, text = _second
    if second != now:
        text = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        _second = (now, text)
    return text
