"""A day of runs as a strip of bars, drawn as SVG. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

#: Half an hour a bar.
BARS, STEP = 48, timedelta(minutes=30)
_WIDTH, _HEIGHT = 10, 24
#: The worst that happened in a bar's half hour is its look; its height says it without colour.
_LOOKS = {"failure": 24, "running": 14, "data": 18, "no_data": 8}


def bars(runs: Iterable[tuple[datetime, str]], *, now: datetime) -> list[str]:
    """The outcome of each half hour up to `now`, oldest first; "" where nothing ran.

    Of several the worst counts: a failure, then what is still running, then data, then no data.
    """
    told = [""] * BARS
    worst = list(_LOOKS)
    start = now - BARS * STEP
    for at, outcome in runs:
        index = int((at - start) / STEP)
        if at < start or index > BARS:
            continue
        index = min(index, BARS - 1)
        if not told[index] or worst.index(outcome) < worst.index(told[index]):
            told[index] = outcome
    return told


def drawn(runs: Iterable[tuple[datetime, str]], *, now: datetime, label: str) -> SafeString:
    """The strip as an SVG picture that says `label` to whoever does not see it."""
    shapes = format_html_join(
        "",
        '<rect class="strip-{}" x="{}" y="{}" width="8" height="{}" rx="1.5"/>',
        (
            (outcome or "none", index * _WIDTH + 1, _HEIGHT - (height := _LOOKS.get(outcome, 3)), height)
            for index, outcome in enumerate(bars(runs, now=now))
        ),
    )
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">{}</svg>',
        BARS * _WIDTH,
        _HEIGHT,
        label,
        shapes,
    )
