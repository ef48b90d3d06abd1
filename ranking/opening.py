"""A page of countries counts as a choice of them when a person opens it: once for a visitor and day.

docs/decisions/0012-a-page-counts-when-a-person-opens-it.md
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from config.cache import shared
from currency import destinations
from ranking import personal
from ranking.recording import Choice, record
from ranking.window import seoul_day

#: Seconds for which what has been counted is not offered to the store again.
_REMEMBER = 24 * 3600.0


def is_by_a_person(environ: Mapping[str, Any]) -> bool:
    """Whether a browser says that this request fills its window, for somebody who has asked for it.

    Crawlers, previews of links and programs do not say so; what a browser fetches beforehand is marked.
    """
    purposes = (environ.get(name, "") for name in ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_MOZ"))
    return environ.get("HTTP_SEC_FETCH_DEST") == "document" and not any(
        "prefetch" in purpose or "prerender" in purpose for purpose in purposes
    )


def count_opening(
    countries: Iterable[str],
    *,
    address: str,
    agent: str,
    now: datetime,
    admit: Callable[[int], bool],
) -> int:
    """Record each of these that is a destination, once a Seoul day; how many were counted just now.

    `admit` is asked whether so many more selections may come from this address; if not, none is
    recorded. Safe to repeat: a second call counts nothing, and asks nobody where the first is remembered.
    Raises: as `ranking.recording.record`; countries before the one that failed stay counted.
    """
    day, active = seoul_day(now), destinations.active()
    marks = {
        country: f"opened:{personal.hashed('opened', address, agent, country, day=day)}"
        for country in countries
        if country in active
    }
    new = [country for country, mark in marks.items() if shared.get(mark) is None]
    if not new or not admit(len(new)):
        return 0
    counted = 0
    for country in new:
        receipt = record(
            Choice(
                countries=(country,),
                user_id=None,
                address=address,
                agent=agent,
                idempotency_key=f"page-{day}-{country}",
            ),
            now=now,
        )
        shared.put(marks[country], 1, _REMEMBER)
        counted += not receipt.is_replay
    return counted
