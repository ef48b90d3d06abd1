"""Submissions as the stores get them; a test states only what matters to it."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from ranking.selection import Submission

SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 3, tzinfo=UTC)  # in Seoul
FAR = datetime(2099, 1, 1, tzinfo=UTC)

_numbers = count(1)


def make_submission(*countries: str, **overrides: Any) -> Submission:
    """One that is new: its selections have ids of their own."""
    fields: dict[str, Any] = {
        "choices": tuple((f"{next(_numbers):032x}", country) for country in countries or ("JP",)),
        "selected_at": NOON,
        "day": SUNDAY,
        "visitor": "1f" * 16,
        "address": "2e" * 16,
        "agent": "3d" * 16,
        "user": "encrypted-user",
        "session": "",
        "key_id": "first-key",
        "referrer": "",
        "idempotency": None,
        "fingerprint": "4c" * 16,
        "expires_at": FAR,
    }
    return Submission(**fields | overrides)


def ids(submission: Submission) -> tuple[str, ...]:
    return tuple(selection_id for selection_id, _ in submission.choices)
