"""How dear a country is against another, which is 100: the arithmetic alone.

`index = 100 × price there / price at home`, both in one money; several items together as their
geometric mean, so that the index of a country against another times the reverse is always 100².
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal, localcontext

HUNDRED = Decimal(100)
#: As many digits as a Decimal has by default. Logarithms are taken with more, so that what is put
#: together rounds to what it was.
_DIGITS, _MORE_DIGITS = 28, 50


def index(there: Decimal, home: Decimal) -> Decimal:
    """100 × `there` / `home`: two positive prices in the same money."""
    with localcontext(prec=_DIGITS):
        return HUNDRED * there / home


def composite(indices: Iterable[Decimal | None]) -> Decimal | None:
    """The geometric mean of the indices that there are; None without any."""
    known = [one for one in indices if one is not None]
    if not known:
        return None
    with localcontext(prec=_MORE_DIGITS):
        mean = (sum((one.ln() for one in known), start=Decimal(0)) / len(known)).exp()
    with localcontext(prec=_DIGITS):
        return +mean


def ranks(ascending: Sequence[Decimal]) -> list[int]:
    """Places of values in ascending order; equal values share one: 1, 2, 2, 4."""
    places: list[int] = []
    for number, value in enumerate(ascending, start=1):
        shared = number > 1 and value == ascending[number - 2]
        places.append(places[-1] if shared else number)
    return places
