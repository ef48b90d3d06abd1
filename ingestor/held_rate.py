"""A held rate beside what it is judged by: earlier values, other providers', and how far it is from each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ingestor.models import QuarantinedRate

_WIDTH, _HEIGHT, _EDGE = 560, 150, 14


@dataclass(frozen=True, slots=True)
class Value:
    """`apart` is the held value against this one, `moved` this one against the one before it; percent.

    Rates are KRW for one unit.
    """

    who: str
    day: date
    rate: Decimal
    apart: Decimal
    moved: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """`recent`: the provider's own values before, oldest first; `others`: the newest of other providers."""

    recent: list[Value]
    others: list[Value]


def beside(row: QuarantinedRate) -> Beside:
    """What was kept beside the value when it was held."""
    told: dict[str, Any] = row.neighbours or {}
    own = [(date.fromisoformat(day), Decimal(rate)) for day, rate in told.get("recent", [])]
    moves = [None, *(_percent(rate, before) for (_, before), (_, rate) in pairwise(own))]
    recent = [
        Value(row.source, day, rate, _percent(row.deal_base_rate, rate), moved)
        for (day, rate), moved in zip(own, moves, strict=False)
    ]
    others = [
        Value(source, date.fromisoformat(day), Decimal(rate), _percent(row.deal_base_rate, Decimal(rate)))
        for source, (day, rate) in sorted(told.get("others", {}).items())
    ]
    return Beside(recent, others)


def _percent(rate: Decimal, than: Decimal) -> Decimal:
    return (rate / than - 1) * 100


def drawn(held: Decimal, recent: Sequence[Decimal], others: Sequence[Decimal], *, label: str) -> SafeString:
    """The earlier values as a line, the held one as a dot behind it, other providers' as dashed levels."""
    rates = [*recent, held]
    low, high = min([*rates, *others]), max([*rates, *others])
    span = high - low or Decimal(1)

    def y(rate: Decimal) -> float:
        return round(float(_EDGE + (high - rate) / span * (_HEIGHT - 2 * _EDGE)), 1)

    step = (_WIDTH - 2 * _EDGE) / max(1, len(rates) - 1)
    points = [(round(_EDGE + index * step, 1), y(rate)) for index, rate in enumerate(rates)]
    line = " ".join(f"{x},{up}" for x, up in points[:-1])
    levels = format_html_join(
        "",
        '<line class="held-other" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        ((0, _WIDTH, y(one), y(one)) for one in others),
    )
    dots = format_html_join("", '<circle class="held-point" cx="{}" cy="{}" r="3.5"/>', points[:-1])
    return format_html(
        '<svg class="held" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}<polyline class="held-line" points="{}"/>'
        '<circle class="held-dot" cx="{}" cy="{}" r="7"/></svg>',
        _WIDTH,
        _HEIGHT,
        label,
        levels,
        dots,
        line,
        *points[-1],
    )
