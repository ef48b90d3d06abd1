"""How many units a rate is told for: the yen per 100, as boards in Korea have it."""

from decimal import Decimal

#: The Bank of Korea and Korean banks post these per 100 units (ECOS 731Y001).
_PER_HUNDRED = frozenset({"JPY", "VND", "IDR"})


def quoted_unit(code: str) -> int:
    """100 or 1: the units of `code` whose price in won people speak of."""
    return 100 if code in _PER_HUNDRED else 1


def per_quoted_unit(code: str, rate: Decimal) -> Decimal:
    """The price in won of `quoted_unit(code)` units, from that of one."""
    return rate * quoted_unit(code)
