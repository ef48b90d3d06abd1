"""Whether the rates we show are as new as their providers' schedules allow."""

from datetime import datetime
from typing import Any

from currency.catalog import KRW
from currency.quotes import latest

#: The money that most travellers from Korea ask for; if these are old, the service is.
ASKED_FOR = ["USD", "JPY", "EUR", "CNY"]


def summary(now: datetime) -> dict[str, Any]:
    """`healthy` with fresh rates, `degraded` with stale or missing ones. Two queries."""
    quotes = latest(ASKED_FOR, KRW, now)
    fresh = len(quotes) == len(ASKED_FOR) and not any(quote.stale for quote in quotes.values())
    return {"status": "healthy" if fresh else "degraded"}
