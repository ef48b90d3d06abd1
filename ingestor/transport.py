"""One GET to a provider: time limits, retries of what waiting heals, and no key in any message.

A refusal by status (401, 404, …) and a redirect are not retried: the same request gets the same
answer. Redirects are never followed; a key would travel to wherever they point.
"""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import stamina
from django.conf import settings

from config.observability.logs import scrub
from ingestor import budget
from ingestor.adapter import Endpoint
from ingestor.published import (
    Ask,
    ProviderError,
    ProviderFormatError,
    ProviderRefused,
    ProviderUnavailable,
    RawPayload,
)
from ingestor.registry import Source

#: Thirty times the largest answer of any provider so far (ECB's history, 0.64 MB).
LARGEST_BODY = 20_000_000
#: An attempt lasts at most this many time-outs, however slowly its bytes drip.
_DRIP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a failing provider is asked again. All times in seconds."""

    attempts: int = 3
    total: float = 60.0
    first_wait: float = 0.5
    longest_wait: float = 5.0
    jitter: float = 1.0
    #: A 429 that asks for more than this is left to the next run.
    longest_retry_after: float = 10.0


class _TryAgain(ProviderUnavailable):
    """Waiting a moment may heal it; `after` is how long the provider asks for, in seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


@contextmanager
def client(endpoint: Endpoint) -> Iterator[httpx.Client]:
    """The connections of one run. Raises: ProviderRefused for a CA bundle that cannot be read."""
    try:
        tls = ssl.create_default_context(cafile=endpoint.ca_bundle) if endpoint.ca_bundle else True
    except OSError as exc:  # ssl.SSLError is one, too
        raise ProviderRefused(f"the CA bundle cannot be used: {type(exc).__name__}") from exc
    with httpx.Client(
        verify=tls,
        timeout=endpoint.timeout,
        follow_redirects=False,
        trust_env=False,  # settings decide, not the proxy variables of the machine
        headers={"User-Agent": f"currency-travel-service/{settings.VERSION}", "Accept": "*/*"},
    ) as connections:
        yield connections


def fetch(
    ask: Ask,
    endpoint: Endpoint,
    profile: Source,
    *,
    client: httpx.Client,
    patience: Patience = Patience(),
    largest_body: int = LARGEST_BODY,
) -> RawPayload:
    """The body of a 200, as it came, with its address free of keys.

    Every attempt is taken from the provider's budget first.
    Raises: ProviderUnavailable (no connection, time-out, 5xx, 429, budget spent), ProviderRefused
        (any other status from 400), ProviderFormatError (redirect, too large, undecodable).
    """
    retries = stamina.RetryingCaller(
        attempts=patience.attempts,
        timeout=patience.total,
        wait_initial=patience.first_wait,
        wait_max=patience.longest_wait,
        wait_jitter=patience.jitter,
    )

    def attempt() -> RawPayload:
        budget.spend(profile)
        return _attempt(ask, endpoint, client, patience, largest_body)

    try:
        return retries(_wait_before_retry, attempt)
    except _TryAgain as exc:
        raise ProviderUnavailable(str(exc)) from None


def _wait_before_retry(exc: Exception) -> bool | float:
    if not isinstance(exc, _TryAgain):
        return False
    return True if exc.after is None else exc.after


def _attempt(
    ask: Ask, endpoint: Endpoint, client: httpx.Client, patience: Patience, largest_body: int
) -> RawPayload:
    url = httpx.URL(endpoint.base_url + ask.path, params=ask.parameters or None)
    shown = _without_key(str(url), endpoint)
    try:
        with client.stream("GET", url) as response:
            body = _read(response, largest_body, time.monotonic() + _DRIP * endpoint.timeout)
            if response.status_code != 200:
                raise _refusal(response, body, patience)
            return RawPayload(body=body, url=shown, fetched_at=datetime.now(UTC))
    except ProviderError as exc:
        raise _placed(exc, shown, endpoint) from None
    except httpx.TransportError as exc:
        reason = _without_key(f"{type(exc).__name__}: {exc} ({shown})", endpoint)
        if "CERTIFICATE_VERIFY_FAILED" in reason:
            raise ProviderUnavailable(reason) from None  # the next second has the same certificate
        raise _TryAgain(reason) from None  # httpx keeps the request, and with it the key
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise ProviderFormatError(_without_key(f"{type(exc).__name__}: {exc} ({shown})", endpoint)) from None


def _read(response: httpx.Response, largest_body: int, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > largest_body:
            raise ProviderFormatError(f"more than {largest_body} bytes")
        if time.monotonic() > deadline:
            raise _TryAgain(f"still sending after {_DRIP} time-outs")
    return bytes(body)


def _refusal(response: httpx.Response, body: bytes, patience: Patience) -> ProviderError:
    status = response.status_code
    if status == 429:
        asked = response.headers.get("Retry-After", "")
        after = float(asked) if asked.isascii() and asked.isdecimal() else None
        reason = f"status 429, Retry-After {asked[:40] or 'not told'}"
        # A date, or minutes: the next run is soon enough.
        patient = not asked or (after is not None and after <= patience.longest_retry_after)
        return _TryAgain(reason, after) if patient else ProviderUnavailable(reason)
    if status >= 500 or status == 408:
        return _TryAgain(f"status {status}")
    if 300 <= status < 400:
        return ProviderFormatError(f"status {status}: redirects elsewhere, which is not followed")
    if status < 300:
        return ProviderFormatError(f"status {status}, expected 200")
    excerpt = " ".join(body[:300].decode("utf-8", "replace").split())
    return ProviderRefused(f"status {status}: {excerpt}")


def _placed(exc: ProviderError, shown: str, endpoint: Endpoint) -> ProviderError:
    """The same error with the address it came from, and without whatever key the answer echoed."""
    reason = _without_key(f"{exc} ({shown})", endpoint)
    return _TryAgain(reason, exc.after) if isinstance(exc, _TryAgain) else type(exc)(reason)


def _without_key(text: str, endpoint: Endpoint) -> str:
    if endpoint.api_key:
        text = text.replace(endpoint.api_key, "***")
    return scrub(text)
