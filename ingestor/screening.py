"""Which values are published, which an operator sees first, and which are unusable. Pure.

What no price of money can be is rejected, wherever it comes from. A live value that could be right
but looks wrong is quarantined; official history is not, because it did move like that.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from math import log
from statistics import stdev

from currency.catalog import KRW, is_currency
from currency.schedule import LOOK_BACK
from ingestor.published import Observation

#: Instants are UTC, so no zone is left to allow for: only clocks that differ.
AHEAD = timedelta(hours=1)
EARLIEST = date(1960, 1, 1)
#: FRED, once a week, is asked for 21 days, and holidays at Seoul have closed 11: a live answer whose
#: rate is older than this comes from a feed that died.
LIVE_FOR = timedelta(days=31)
#: `deal_base_rate` has ten digits before the point and ten after it.
LARGEST = Decimal(10) ** 10
SMALLEST = Decimal(1).scaleb(-10)

JUMP = Decimal("0.10")
SIGMAS = 10
RETURNS = 60
NEAR = Decimal("0.05")
#: Wire rates lie about 1 % around the base rate, those of thinly traded money up to 10 %.
DEAREST, CHEAPEST = Decimal("1.25"), Decimal("0.75")


@dataclass(frozen=True, slots=True)
class Known:
    """A value in force: KRW for one unit."""

    recorded_at: datetime
    rate_date: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What a live value of one currency is compared with.

    `recent`: this provider's values in force, oldest first; at least `RETURNS` + 1 of them before
    the value, where there are as many. `others`: the newest value of each other provider.
    `waiting`: other providers' values held back and not decided upon; they confirm a move, no more.
    """

    recent: Sequence[Known] = ()
    others: Mapping[str, Known] = field(default_factory=dict)
    waiting: Sequence[Known] = ()


@dataclass(slots=True)
class Screened:
    """Every value that went in, in exactly one of three lists."""

    good: list[Observation] = field(default_factory=list)
    quarantined: list[tuple[Observation, str]] = field(default_factory=list)
    rejected: list[tuple[Observation, str]] = field(default_factory=list)


def screen(
    observations: Iterable[Observation], *, now: datetime, neighbours: Mapping[str, Neighbours] | None = None
) -> Screened:
    """Sort one provider's values; `neighbours` by currency for a live answer, None for history.

    Each good value of the answer is a neighbour of the later ones in it.
    """
    screened = Screened()
    seen: dict[tuple[str, datetime], Observation] = {}
    passed: dict[str, list[Known]] = {}
    latest_allowed = now + AHEAD
    first_allowed = EARLIEST if neighbours is None else now.astimezone(UTC).date() - LIVE_FOR
    for one in sorted(observations, key=_fixing):
        if reason := _unusable(one, seen.get(_fixing(one)), first_allowed, latest_allowed):
            screened.rejected.append((one, reason))
            continue
        seen[_fixing(one)] = one
        if neighbours is not None:
            around = neighbours.get(one.currency_code, Neighbours())
            own = passed.setdefault(one.currency_code, [])
            if reason := suspicion(one, around, own):
                screened.quarantined.append((one, reason))
                continue
            own.append(Known(one.recorded_at, one.rate_date, one.deal_base_rate))
        screened.good.append(one)
    return screened


def _fixing(one: Observation) -> tuple[str, datetime]:
    return one.currency_code, one.recorded_at


def _unusable(
    one: Observation, twin: Observation | None, first_allowed: date, latest_allowed: datetime
) -> str:
    """Why this can be nobody's price; empty when it can."""
    rate = one.deal_base_rate
    if not is_currency(one.currency_code) or one.currency_code == KRW:
        return "unknown currency code"
    if not rate.is_finite():
        return "not a number"
    if rate <= 0:
        return "zero" if rate == 0 else "negative"
    if not SMALLEST <= rate < LARGEST:
        return "outside what a price can be"
    if one.recorded_at > latest_allowed:
        return "fixing in the future"
    if one.rate_date < EARLIEST:
        return "fixing before 1960"
    if one.rate_date < first_allowed:
        return f"fixing more than {LIVE_FOR.days} days old in a live answer"
    if one.tts is not None and not (one.tts.is_finite() and rate <= one.tts < LARGEST):
        return "tts below the base rate or no number"
    if one.ttb is not None and not (one.ttb.is_finite() and SMALLEST <= one.ttb <= rate):
        return "ttb above the base rate or no number"
    if twin is not None and (twin.deal_base_rate, twin.tts, twin.ttb) != (rate, one.tts, one.ttb):
        return "another value for the same fixing in one answer"
    return ""


def suspicion(one: Observation, around: Neighbours, passed: Sequence[Known] = ()) -> str:
    """Why an operator should look at this live value first; empty when nobody needs to.

    `passed`: good values of the same answer, oldest first.
    """
    if look := _spread(one):
        return look
    before = _before(one, around.recent, passed)
    others = [other.rate for other in around.others.values()]
    rate = one.deal_base_rate
    if not before:
        if any(_near(rate, other) for other in others):
            return ""
        return next((look for other in others if (look := _disguise(rate, other, "another provider's"))), "")
    previous = before[-1].rate
    moved = abs(rate / previous - 1)
    if moved <= JUMP:
        return ""
    # Before the deviation is asked: one devaluation makes ten of them more than any fall can be.
    if look := _disguise(rate, previous, "the previous"):
        return look
    limit = max(JUMP, Decimal(SIGMAS * _daily_deviation(before)))
    if moved <= limit:
        return ""
    witnesses = (*around.others.values(), *around.waiting)
    if any(_near(rate, other.rate) for other in witnesses if _of_the_time(other, one)):
        return ""
    return (
        f"moved {moved:.1%} from the previous value, more than {limit:.1%}, and no other provider confirms it"
    )


def _spread(one: Observation) -> str:
    """Whether a wire rate is too far from the base rate for any bank's margin."""
    if one.tts is not None and one.tts > DEAREST * one.deal_base_rate:
        return f"tts is more than {DEAREST} times the base rate"
    if one.ttb is not None and one.ttb < CHEAPEST * one.deal_base_rate:
        return f"ttb is less than {CHEAPEST} times the base rate"
    return ""


def _of_the_time(other: Known, one: Observation) -> bool:
    """Whether the other provider's value is recent enough to confirm anything."""
    return abs(other.rate_date - one.rate_date) <= LOOK_BACK


def _before(one: Observation, recent: Sequence[Known], passed: Sequence[Known]) -> list[Known]:
    """The values up to this fixing, itself included where it is known already (a correction)."""
    merged = list(recent[: bisect_right(recent, one.recorded_at, key=lambda known: known.recorded_at)])
    for known in passed:
        if known.recorded_at <= one.recorded_at:
            merged = [*(old for old in merged if old.recorded_at != known.recorded_at), known]
    merged.sort(key=lambda known: known.recorded_at)
    return merged[-(RETURNS + 1) :]


def _daily_deviation(values: Sequence[Known]) -> float:
    """Standard deviation of the log returns; 0 for fewer than two returns, which tell nothing."""
    rates = [float(known.rate) for known in values]
    returns = [log(later / earlier) for earlier, later in pairwise(rates)]
    return stdev(returns) if len(returns) > 1 else 0.0


def _near(rate: Decimal, reference: Decimal) -> bool:
    return abs(rate / reference - 1) <= NEAR


def _disguise(rate: Decimal, reference: Decimal, whose: str) -> str:
    """Whether the value is `reference` upside down or in another unit; for values that are not near it."""
    if _near(1 / rate, reference):
        return f"looks inverted: 1/x is near {whose} value"
    if _near(rate / 100, reference):
        return f"looks 100 times too large beside {whose} value"
    if _near(rate * 100, reference):
        return f"looks 100 times too small beside {whose} value"
    return ""


def oldest_wanted(observations: Iterable[Observation]) -> datetime | None:
    """From when on `Neighbours.recent` has to reach, UTC: 60 returns before the oldest value; None for none."""
    # 60 trading days are 84 calendar days; closed days and an 11-day holiday are covered by 120.
    oldest = min((one.recorded_at for one in observations), default=None)
    return None if oldest is None else oldest.astimezone(UTC) - timedelta(days=120)
