"""From counts to places: who leads, by how much, and since when. Pure; docs/methods/ranking.en.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from ranking.selection import Count, DayCounts

#: Told with every result; changes when the same counts would give another ranking.
METHOD_VERSION = 1

Change = Literal["UP", "DOWN", "SAME", "NEW"]


@dataclass(frozen=True, slots=True)
class Place:
    """One country in a ranking. `percentage` is of all scores, with two decimals."""

    rank: int
    country_code: str
    score: int
    percentage: float
    change: Change
    #: Previous rank − rank: positive is upwards. None, as previous_rank, for one that is new.
    change_value: int | None
    previous_rank: int | None


def summed(days: Iterable[DayCounts]) -> dict[str, Count]:
    """The counts of several days together: a visitor counts once for each of them."""
    total: dict[str, Count] = {}
    for counts in days:
        for country, count in counts.items():
            total[country] = total.get(country, Count()) + count
    return total


def ranks(scores: Mapping[str, int]) -> dict[str, int]:
    """Competition ranks (1, 2, 2, 4) of the scores above 0, best first; ties in order of their code."""
    placed: dict[str, int] = {}
    last_score, last_rank = None, 0
    ordered = sorted(
        (entry for entry in scores.items() if entry[1] > 0), key=lambda entry: (-entry[1], entry[0])
    )
    for place, (country, score) in enumerate(ordered, start=1):
        if score != last_score:
            last_score, last_rank = score, place
        placed[country] = last_rank
    return placed


def rank(scores: Mapping[str, int], previous: Mapping[str, int]) -> list[Place]:
    """The ranking of a window, with the movement since the window before; best first."""
    before = ranks(previous)
    total = sum(score for score in scores.values() if score > 0)
    places = []
    for country, place in ranks(scores).items():
        previous_rank = before.get(country)
        places.append(
            Place(
                rank=place,
                country_code=country,
                score=scores[country],
                percentage=round(100 * scores[country] / total, 2),
                change=_change(place, previous_rank),
                change_value=None if previous_rank is None else previous_rank - place,
                previous_rank=previous_rank,
            )
        )
    return places


def _change(place: int, previous: int | None) -> Change:
    if previous is None:
        return "NEW"
    if place == previous:
        return "SAME"
    return "UP" if place < previous else "DOWN"
