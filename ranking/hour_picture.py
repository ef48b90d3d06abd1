"""The selections of a day by the hour, drawn: bars of selections, and within them those of visitors. Pure."""

from collections.abc import Collection, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ranking.burst import Hour

_WIDTH, _HEIGHT = 560, 210
_LEFT, _BOTTOM, _TOP = 44, 24, 12
_BAR = (_WIDTH - _LEFT) / 24


def drawn(hours: Sequence[Hour], *, title: str, marked: Collection[int] = ()) -> SafeString:
    """An SVG without styles or scripts, in the colour of the text around it; `marked` hours stand on a band."""
    most = _round_up(max((hour.selections for hour in hours), default=0))
    scale = (_HEIGHT - _BOTTOM - _TOP) / most
    floor = _HEIGHT - _BOTTOM
    lines = format_html_join(
        "",
        '<line x1="{}" x2="{}" y1="{}" y2="{}" stroke="currentColor" stroke-opacity=".15"/>'
        '<text x="{}" y="{}" text-anchor="end" font-size="13" fill="currentColor" fill-opacity=".75">{}</text>',
        (
            (_LEFT, _WIDTH, round(y, 1), round(y, 1), _LEFT - 6, round(y + 4, 1), f"{value:,}")
            for value in dict.fromkeys((0, most // 2, most))
            for y in (floor - value * scale,)
        ),
    )
    bands = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}" fill="currentColor" fill-opacity=".1"/>',
        ((_x(hour), _TOP, round(_BAR, 1), floor - _TOP) for hour in sorted(marked)),
    )
    bars = format_html_join("", "{}", ((_bar(hour, scale, floor),) for hour in hours))
    ticks = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle" font-size="13" fill="currentColor" fill-opacity=".75">{}</text>',
        ((round(_LEFT + hour * _BAR, 1), _HEIGHT - 6, hour) for hour in range(0, 25, 3)),
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" width="100%" role="img" aria-label="{}">{}{}{}{}</svg>',
        _WIDTH + 12,
        _HEIGHT,
        title,
        bands,
        lines,
        bars,
        ticks,
    )


def _x(hour: int) -> float:
    return round(_LEFT + hour * _BAR, 1)


def _bar(hour: Hour, scale: float, floor: float) -> SafeString:
    # Whoever selects twice is one visitor: a burst of one visitor is pale from top to bottom.
    shapes = ((hour.selections, ".35"), (hour.visitors, ".9"))
    return format_html(
        "<g><title>{}</title>{}</g>",
        f"{hour.hour:02d}:00  {hour.selections:,} / {hour.visitors:,}",
        format_html_join(
            "",
            '<rect x="{}" y="{}" width="{}" height="{}" fill="currentColor" fill-opacity="{}"/>',
            (
                (
                    _x(hour.hour) + 2,
                    round(floor - count * scale, 1),
                    round(_BAR - 4, 1),
                    round(count * scale, 1),
                    strength,
                )
                for count, strength in shapes
                if count
            ),
        ),
    )


def _round_up(most: int) -> int:
    """The next even number with one digit and noughts, so that the half of it is a number too."""
    step = 2
    while step * 5 < most:
        step *= 10 if str(step)[0] == "1" else 5 if str(step)[0] == "2" else 2
    return max(2, -(-most // step) * step)
