"""What others are told of selections and rankings; docs/events.md. Nothing in it leads to who chose."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from config.api.envelope import instant
from config.events.event import Event, event
from ranking.selection import Submission


def recorded(submission: Submission, counted: Collection[str]) -> Iterator[Event]:
    """An event for each choice of a submission; none for a demonstration's.

    `counted`: the countries whose count of visitors it adds nothing to.
    """
    if submission.is_made_up:
        return
    for _, country in submission.choices:
        yield event(
            "selection.recorded",
            key=country,
            data={
                "country_code": country,
                "selected_at": instant(submission.selected_at),
                "day": submission.day.isoformat(),
                "is_new_visitor": country not in counted,
            },
        )


def computed(snapshot: Mapping[str, Any], *, version: int) -> Iterator[Event]:
    """That a period has a new ranking: `snapshot`, kept as `version`."""
    told = {name: value for name, value in snapshot.items() if name != "duration_ms"}
    yield event("ranking.computed", key=snapshot["period"], data={"version": version, **told})
