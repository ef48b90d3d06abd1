"""What changing money costs: the spread and its 환율우대, fees in percent and for each payment. No I/O.

A Korean bank posts prices around its deal base rate; 환율우대 takes a part off that spread:

    price = base ± (posted − base) × (1 − discount)

Buying, fees come on top of what is bought; selling, they go off what is paid out. Prices are KRW for
one unit of the foreign money. Everything is exact in Decimal but one division, and what one receives
is cut, never rounded up: no way there and back can gain.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal, localcontext

#: Far below any coin, far above what a division leaves.
_SMALLEST = Decimal(1).scaleb(-20)
_HUNDRED = Decimal(100)


@contextmanager
def _exact() -> Iterator[None]:
    # The largest amount at the smallest price, there and back, with every percentage at its full length,
    # has some 80 digits.
    with localcontext(prec=100, rounding=ROUND_DOWN):
        yield


@dataclass(frozen=True, slots=True)
class Tariff:
    """One channel's prices after 환율우대, and its fees. `sells_at` None: it takes nothing back."""

    mid: Decimal
    buys_at: Decimal
    sells_at: Decimal | None
    fee_percent: Decimal = Decimal(0)
    fixed_fee_won: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One amount changed. `rate`: won for one unit, all told; the costs are in won and add up:

    `cost` = `spread_cost` + `percent_fee` + `fixed_fee` = what was given at mid − what was received at mid.
    """

    received: Decimal
    rate: Decimal
    cost: Decimal
    cost_percent: Decimal
    spread_cost: Decimal
    percent_fee: Decimal
    fixed_fee: Decimal


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What is left of an amount changed there and back through one channel, in the money one had."""

    back: Decimal
    loss: Decimal
    loss_percent: Decimal


def posted(mid: Decimal, spread_percent: Decimal) -> Decimal:
    """The price at a spread over the base rate; a negative spread is under it."""
    with _exact():
        return mid * (1 + spread_percent / _HUNDRED)


def discounted(mid: Decimal, posted: Decimal, discount_percent: Decimal) -> Decimal:
    """The posted price after 환율우대: at 100 % the base rate itself."""
    with _exact():
        return mid + (posted - mid) * (1 - discount_percent / _HUNDRED)


def buy(won: Decimal, tariff: Tariff) -> Change | None:
    """Foreign money for `won`, fees included; None where the fixed fee leaves nothing."""
    with _exact():
        each = tariff.buys_at * (1 + tariff.fee_percent / _HUNDRED)
        received = ((won - tariff.fixed_fee_won) / each).quantize(_SMALLEST)
        if received <= 0:
            return None
        percent_fee = received * tariff.buys_at * tariff.fee_percent / _HUNDRED
        return _change(received, won / received, won, won - received * tariff.mid, percent_fee, tariff)


def sell(foreign: Decimal, tariff: Tariff) -> Change | None:
    """Won for `foreign`, fees taken off; None where nothing is taken back, or nothing is left."""
    if tariff.sells_at is None:
        return None
    with _exact():
        percent_fee = foreign * tariff.sells_at * tariff.fee_percent / _HUNDRED
        payout = foreign * tariff.sells_at - percent_fee - tariff.fixed_fee_won
        received = payout.quantize(_SMALLEST)
        if received <= 0:
            return None
        worth = foreign * tariff.mid
        return _change(received, received / foreign, worth, worth - received, percent_fee, tariff)


def won_for(foreign: Decimal, tariff: Tariff) -> Decimal:
    """What `buy` must be given so that it gives `foreign`."""
    with _exact():
        return foreign * tariff.buys_at * (1 + tariff.fee_percent / _HUNDRED) + tariff.fixed_fee_won


def foreign_for(won: Decimal, tariff: Tariff) -> Decimal | None:
    """What `sell` must be given so that it pays out `won`, rounded up; None where nothing is taken back."""
    if tariff.sells_at is None:
        return None
    with _exact():
        each = tariff.sells_at * (1 - tariff.fee_percent / _HUNDRED)
        return ((won + tariff.fixed_fee_won) / each).quantize(_SMALLEST, rounding=ROUND_UP)


def _change(
    received: Decimal, rate: Decimal, worth: Decimal, cost: Decimal, percent_fee: Decimal, tariff: Tariff
) -> Change:
    return Change(
        received=received,
        rate=rate,
        cost=cost,
        cost_percent=_HUNDRED * cost / worth,
        spread_cost=cost - percent_fee - tariff.fixed_fee_won,
        percent_fee=percent_fee,
        fixed_fee=tariff.fixed_fee_won,
    )


def round_trip(amount: Decimal, back: Change | None) -> RoundTrip | None:
    """`amount` against what comes back of it; None where it cannot be changed back."""
    if back is None:
        return None
    with _exact():
        loss = amount - back.received
        return RoundTrip(back.received, loss, _HUNDRED * loss / amount)
