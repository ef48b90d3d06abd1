"""One request on its way through the gate: what is known of it, and the headers it will leave with."""

import os
import re
import time
from typing import Any

from django.conf import settings

from config.api.keys import KeyHolder
from config.api.language import preferred
from config.api.throttling import WINDOW, Allowance

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_BASE_HEADERS: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Access-Control-Allow-Origin", "*"),
    (
        "Access-Control-Expose-Headers",
        (
            "X-Correlation-ID, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, "
            "X-RateLimit-Window, Retry-After, ETag"
        ),
    ),
]


class Visit:
    """A request of now; `holder`, `allowance` and `tier` are filled in on its way."""

    __slots__ = (
        "address",
        "allowance",
        "correlation_id",
        "environ",
        "head",
        "holder",
        "language",
        "method",
        "path",
        "request_id",
        "started",
        "tier",
    )

    def __init__(self, environ: Environ) -> None:
        self.started = time.perf_counter()
        self.environ = environ
        # As Django reads it: `post`, which some servers pass on, must not be another method here.
        self.method: str = environ["REQUEST_METHOD"].upper()
        self.head = self.method == "HEAD"
        self.path: str = environ.get("PATH_INFO", "")
        given = environ.get("HTTP_X_CORRELATION_ID", "")
        self.request_id = os.urandom(16).hex()
        self.correlation_id = given if given and _SANE_ID.fullmatch(given) else self.request_id
        self.language = preferred(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        self.address = ""
        self.holder: KeyHolder | None = None
        self.allowance: Allowance | None = None
        self.tier = ""

    def headers(self) -> Headers:
        headers = [*_BASE_HEADERS, ("X-Correlation-ID", self.correlation_id)]
        if settings.SECURE_HSTS_SECONDS:
            headers.append(("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}"))
        if (allowance := self.allowance) is not None:
            headers += [
                ("X-RateLimit-Limit", str(allowance.limit)),
                ("X-RateLimit-Remaining", str(allowance.remaining)),
                ("X-RateLimit-Reset", str(allowance.resets_at)),
                ("X-RateLimit-Window", str(WINDOW)),
            ]
            if not allowance.granted:
                headers.append(("Retry-After", str(max(1, allowance.resets_at - int(time.time())))))
        return headers
