"""Who may ask, and how often: the API key, and the hourly limit that a request counts against."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as DatabaseUnreachable

from config.api.errors import ApiError, message_in
from config.api.keys import KeyHolder, KeyRing
from config.api.throttling import WINDOW, Allowance, RequestCounter

#: POSTs here have a limit of their own, for each address.
_SELECTIONS = re.compile(r"/api/v1/rankings/(?:selections|update)")


@dataclass(slots=True)
class Admission:
    """What was decided of one request; it is counted whatever that was."""

    holder: KeyHolder | None
    #: Who is counted, and up to what an hour.
    caller: str
    limit: int
    allowance: Allowance
    #: The error to answer with, where the request may not go on.
    refusal: ApiError | None
    #: The key has never been seen, and the database that knows it is out: the refusal gives way to
    #: an answer that is stored.
    unless_stored: bool = False


class Door:
    """Keys and counters of one gate."""

    def __init__(self) -> None:
        self._keys = KeyRing()
        self._requests = RequestCounter()

    def admit(
        self, method: str, path: str, *, authorization: str, address: str, language: str, now: float
    ) -> Admission:
        """Count the request against its key's limit, or its address's, at unix time `now`."""
        holder, refusal, is_out = None, None, False
        caller, limit = f"address:{address}", settings.REQUEST_LIMITS["anonymous"]
        if method == "POST" and _SELECTIONS.fullmatch(path):
            caller, limit = f"selections:address:{address}", settings.REQUEST_LIMITS["selections"]
        if authorization:
            # Guesses are counted apart: they neither reach the database without end, nor spend the
            # requests of others at the same address.
            guesses = f"wrong-key:{address}"
            try:
                holder = self._holder(authorization, guesses, now)
            except DatabaseUnreachable:
                is_out = True
                refusal = ApiError("DATABASE_UNAVAILABLE", message_in(language, "DATABASE_UNAVAILABLE"))
            if holder is not None:
                caller, limit = f"key:{holder.prefix}", settings.REQUEST_LIMITS[holder.tier]
            elif not is_out:
                caller, limit = guesses, settings.REQUEST_LIMITS["anonymous"]
                refusal = ApiError(
                    "INVALID_API_KEY",
                    message_in(language, "INVALID_API_KEY"),
                    parameter="Authorization",
                    expected="Bearer <key>",
                )
        allowance = self._requests.take(caller, limit, now)
        if allowance.granted:
            return Admission(holder, caller, limit, allowance, refusal, unless_stored=is_out)
        return Admission(holder, caller, limit, allowance, _spent(allowance, language))

    def charge(
        self, admission: Admission, more: int, *, language: str, now: float
    ) -> tuple[Allowance, ApiError | None]:
        """Count a request that asks for more than one thing as so many; the error where they are not left."""
        allowance = self._requests.take(admission.caller, admission.limit, now, more)
        return allowance, None if allowance.granted else _spent(allowance, language)

    def _holder(self, authorization: str, guesses: str, now: float) -> KeyHolder | None:
        """Raises: django.db.Error where the key was never seen and the database is out."""
        scheme, _, key = authorization.partition(" ")
        key = key.strip() if scheme.lower() == "bearer" else ""
        spent = self._requests.is_spent(guesses, now) and not self._keys.remembers(key)
        return self._keys.holder(key) if key and not spent else None


def _spent(allowance: Allowance, language: str) -> ApiError:
    return ApiError(
        "RATE_LIMIT_EXCEEDED",
        message_in(language, "RATE_LIMIT_EXCEEDED"),
        limit=allowance.limit,
        window_seconds=WINDOW,
        resets_at=allowance.resets_at,
    )
