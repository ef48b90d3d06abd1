"""A chart as a page carries it: a drawing with its labels, and the same points for the script.

Labels are written here, in the reader's language, for both.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from django.utils.translation import get_language

from config.templatetags.cldr import number
from history.chart import Chart
from history.pictures import Picture, Tick, picture

_SKELETONS = {"day": "MMMd", "month": "yMMM", "year": "y"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """`levels` and `ticks` are places with their labels, `legend` is what was drawn, by colour and name.

    `points`: JSON. It travels in an attribute, as htmx takes scripts out of whatever it swaps in, even those
    that are data.
    """

    id: str
    picture: Picture
    levels: list[tuple[str, str]]
    ticks: list[tuple[str, str, str]]
    legend: list[dict[str, Any]]
    points: str
    left_out: int


def figure(chart: Chart, *, id: str) -> Figure:
    """The chart made ready; `id` is what its elements are called by, once in a page."""
    drawn = picture(chart)
    ticks = [(tick.at, _date(tick), _edge(tick)) for tick in drawn.ticks]
    return Figure(
        id=id,
        picture=drawn,
        levels=[(level.at, number(level.value, level.decimals)) for level in drawn.levels],
        ticks=ticks,
        legend=[
            *({"tone": line.tone, "label": line.label, "is_dashed": line.is_dashed} for line in chart.lines),
            *({"tone": band.tone, "label": band.label, "is_area": True} for band in chart.bands),
        ],
        points=json.dumps(
            {
                **chart.told(),
                "ticks": [
                    [(tick.day - date(1970, 1, 1)).days, label]
                    for tick, (_, label, _edge_of) in zip(drawn.ticks, ticks, strict=True)
                ],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ),
        left_out=chart.left_out,
    )


def _date(tick: Tick) -> str:
    return str(format_skeleton(_SKELETONS[tick.grain], tick.day, locale=Locale.parse(get_language() or "ko")))


def _edge(tick: Tick) -> str:
    """Labels stand below the middle of their day, but not over the picture's edges."""
    at = float(tick.at.removesuffix("%"))
    return " first" if at < 8 else " last" if at > 92 else ""
