"""A line of closing prices as SVG path data: no axes, no figures, the shape alone."""

from collections.abc import Sequence

#: The picture's own units, as its viewBox has them; the page stretches it.
WIDTH, HEIGHT = 120.0, 36.0
#: Room for half the thickness of the line at its top and bottom.
_EDGE = 2.0


def path(prices: Sequence[float]) -> str:
    """From the left edge to the right, the dearest at the top: `M0 34 L60 2 L120 18`.

    Prices that are all the same make a level line in the middle; fewer than two make none: "".
    """
    if len(prices) < 2:
        return ""
    low, high = min(prices), max(prices)
    step = WIDTH / (len(prices) - 1)
    points = [
        f"{_told(place * step)} {_told(_height(price, low, high))}" for place, price in enumerate(prices)
    ]
    return "M" + " L".join(points)


def area(prices: Sequence[float]) -> str:
    """The same line closed along the bottom, to be filled; "" where there is no line."""
    line = path(prices)
    return f"{line} L{_told(WIDTH)} {_told(HEIGHT)} L0 {_told(HEIGHT)} Z" if line else ""


def _height(price: float, low: float, high: float) -> float:
    if high == low:
        return HEIGHT / 2
    return _EDGE + (HEIGHT - 2 * _EDGE) * (high - price) / (high - low)


def _told(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
