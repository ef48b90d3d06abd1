"""One request's selections: checked, stored and counted as one, then announced."""

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from config.observability.measure import Measure
from config.observability.metrics import tell
from currency import catalog, destinations
from ranking import personal
from ranking.announcing import announce
from ranking.selection import Receipt, Submission
from ranking.stores import store
from ranking.window import seoul_day

MAX_COUNTRIES = 20
MAX_USER_ID = 100
MAX_SESSION_ID = 100
MAX_REFERRER = 500
MAX_KEY = 255

#: Categories of Unicode that are no text: controls, surrogates, line and paragraph separators.
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})


class InvalidSelection(Exception):
    """What was sent cannot be stored. `code` is the contract's; `expected` is in the reader's language."""

    def __init__(self, code: str, parameter: str, expected: str, provided: str = "") -> None:
        super().__init__(f"{parameter}: expected {expected}")
        self.code = code
        self.parameter = parameter
        self.expected = expected
        #: Empty where the value is personal and must not be repeated.
        self.provided = provided


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a request says: countries, and who chose them. `user_id` is None where nobody is named."""

    countries: tuple[str, ...]
    # Not in any traceback.
    user_id: str | None = field(repr=False)
    session_id: str | None = field(default=None, repr=False)
    referrer: str = field(default="", repr=False)
    address: str = field(repr=False)
    agent: str = field(repr=False)
    idempotency_key: str | None = field(default=None, repr=False)


def record(choice: Choice, *, now: datetime) -> Receipt:
    """Store and count the choice; it is durable when this returns, and a ranking is under way.

    A country that is named twice is chosen once. With an idempotency key a second call with the same
    choice gives the first receipt and counts nothing.
    Raises: InvalidSelection; KeyReused when the key came with another choice; StoreUnavailable and
        django.db.Error when it could not be stored, or nobody knows whether it was.
    """
    countries = tuple(dict.fromkeys(choice.countries))
    _check(choice, countries)
    receipt = store().add(_submission(choice, countries, now))
    if not receipt.is_replay:
        tell(Measure("Selections", len(countries)))
    # After a retry as well: what it repeats may be a process that died before it could announce.
    announce()
    return receipt


def _check(choice: Choice, countries: tuple[str, ...]) -> None:
    if not 1 <= len(countries) <= MAX_COUNTRIES:
        expected = _("1 to {most} country codes").format(most=MAX_COUNTRIES)
        raise InvalidSelection("INVALID_PARAMETER", "countries", expected)
    for country in countries:
        if not catalog.is_country(country) or country not in destinations.active():
            expected = _("a destination's ISO 3166-1 alpha-2 code such as JP")
            raise InvalidSelection("INVALID_COUNTRY_CODE", "country_code", expected, country)
    if choice.user_id is not None:
        _check_text("user_id", choice.user_id, MAX_USER_ID)
        if not choice.user_id.strip():
            expected = _("1 to {most} characters, not blank").format(most=MAX_USER_ID)
            raise InvalidSelection("INVALID_PARAMETER", "user_id", expected)
    _check_text("session_id", choice.session_id or "", MAX_SESSION_ID)
    _check_text("referrer", choice.referrer, MAX_REFERRER)
    key = choice.idempotency_key
    if key is not None and not (1 <= len(key) <= MAX_KEY and all("!" <= each <= "~" for each in key)):
        expected = _("1 to {most} visible ASCII characters").format(most=MAX_KEY)
        raise InvalidSelection("INVALID_PARAMETER", "Idempotency-Key", expected)


def _check_text(parameter: str, text: str, most: int) -> None:
    if len(text) > most or any(unicodedata.category(character) in _NO_TEXT for character in text):
        expected = _("at most {most} characters, none of them a control character").format(most=most)
        raise InvalidSelection("INVALID_PARAMETER", parameter, expected)


def _submission(choice: Choice, countries: tuple[str, ...], now: datetime) -> Submission:
    day = seoul_day(now)
    who = ("user", choice.user_id) if choice.user_id else ("client", choice.address, choice.agent)
    key = choice.idempotency_key
    asked = (*countries, "", choice.session_id or "", choice.referrer)
    return Submission(
        choices=tuple((_new_id(now), country) for country in countries),
        selected_at=now,
        day=day,
        visitor=personal.hashed("visitor", *who, day=day),
        address=personal.hashed("address", choice.address, day=day),
        agent=personal.hashed("agent", choice.agent, day=day),
        user=personal.encrypt(choice.user_id or ""),
        session=personal.encrypt(choice.session_id or ""),
        key_id=personal.key_id(),
        referrer=_place(choice.referrer),
        # Two callers may use the same key. A retry after midnight is one, and a user's from another
        # network; who names no user is known by address and agent.
        idempotency=None if key is None else personal.hashed("idempotency", *who, key),
        fingerprint="" if key is None else personal.hashed("request", *who, key, *asked),
        expires_at=now + timedelta(days=settings.SELECTION_RETENTION_DAYS),
    )


def _place(referrer: str) -> str:
    """The page alone: a query or fragment may hold names and tokens."""
    return referrer.partition("?")[0].partition("#")[0]


def _new_id(now: datetime) -> str:
    """32 hexadecimal digits that begin with the time, so that neighbours in time are in the index too."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(10)}"
