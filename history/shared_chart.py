"""Several currencies in one chart, each from 100 at the window's start or in won, and who moved with whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from currency.catalog import KRW
from currency.quoted_unit import quoted_unit
from history.chart import Chart, Line, joined
from history.closes import Closes, closes_of_many
from history.comparison import Comparison, compare

Scale = Literal["index", "absolute"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """`found` has the currencies that somebody publishes, in the order asked; `missing` the others."""

    found: dict[str, Closes]
    missing: list[str]
    comparison: Comparison | None


def shared(codes: Sequence[str], *, period: str, now: datetime) -> Shared:
    """The windows of currencies in won, and what comparing them tells. Two queries."""
    priced = [code for code in dict.fromkeys(codes) if code != KRW]
    read = closes_of_many(codes=priced, base=KRW, period=period, now=now) if priced else {}
    found = {code: read[code] for code in priced if code in read and read[code].window()[0]}
    return Shared(
        found=found,
        missing=[code for code in priced if code not in found],
        comparison=compare(found) if found else None,
    )


def chart(told: Shared, *, scale: Scale, labels: dict[str, str]) -> Chart:
    """One line a currency, at least one: 100 at its first close, or won for as many units as people speak of."""
    lines = []
    for tone, (code, closes) in enumerate(told.found.items(), start=1):
        days, prices = closes.window()
        values = 100 * prices / prices[0] if scale == "index" else prices * quoted_unit(code)
        lines.append((Line(key=code, label=labels[code], tone=tone, values=values), days))
    return joined(lines).thinned()
