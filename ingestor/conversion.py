"""KRW for one unit of each currency, from one provider's own figures and no others.

A figure in won is taken as it is. Any other is crossed through the currency that the same provider
prices in won on the same day: the euro of the ECB, the dollar of FRED.
"""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal, localcontext

from currency.catalog import KRW
from currency.schedule import Schedule, fixing_instant
from ingestor.published import Observation, PublishedRate

NO_KRW_RATE = "no KRW rate that day"
NOT_POSITIVE = "not a positive rate"
OUT_OF_RANGE = "does not fit ten digits before and ten after the point"
SPREAD = "the wire rates do not lie around the base rate"
QUOTED_IN_KRW = "quoted in KRW as well"

Rejected = list[tuple[PublishedRate, str]]

_STEP = Decimal("1E-10")
_LIMIT = Decimal(10) ** 10
#: Ten digits before the point, ten after, and enough behind them that rounding happens only once.
_PRECISION = 60


def to_krw(published: list[PublishedRate], schedule: Schedule) -> tuple[list[Observation], Rejected]:
    """Observations, and the figures that give none, each with its reason. Pure.

    Rounded once, to ten decimals. `recorded_at` is the instant the provider told, else the one its
    schedule gives that day.
    """
    observations: list[Observation] = []
    rejected: Rejected = []
    # {day: {currency: won for one unit}}, of the figures told in won.
    in_won: dict[date, dict[str, Decimal]] = defaultdict(dict)
    fixings: dict[date, datetime] = {}
    with localcontext() as context:
        context.prec = _PRECISION
        for rate in published:
            if rate.quote == KRW and rate.rate.is_finite() and rate.rate > 0:
                in_won[rate.rate_date][rate.base] = rate.rate / rate.unit
        for rate in published:
            day = rate.rate_date
            if not rate.rate.is_finite() or rate.rate <= 0:
                rejected.append((rate, NOT_POSITIVE))
                continue
            prices = in_won.get(day, {})
            tts = ttb = None
            if rate.quote == KRW:
                code, won = rate.base, rate.rate / rate.unit
                tts = None if rate.tts is None else (rate.tts / rate.unit).quantize(_STEP)
                ttb = None if rate.ttb is None else (rate.ttb / rate.unit).quantize(_STEP)
            elif rate.base in prices:
                code, won = rate.quote, prices[rate.base] * rate.unit / rate.rate
            elif rate.quote in prices:
                code, won = rate.base, prices[rate.quote] * rate.rate / rate.unit
            else:
                rejected.append((rate, NO_KRW_RATE))
                continue
            if rate.quote != KRW and code in prices:
                rejected.append((rate, QUOTED_IN_KRW))
                continue
            if won >= _LIMIT or not (won := won.quantize(_STEP)):
                rejected.append((rate, OUT_OF_RANGE))
                continue
            if (tts is not None and tts < won) or (ttb is not None and not 0 < ttb <= won):
                rejected.append((rate, SPREAD))
                continue
            if (recorded_at := rate.fixed_at or fixings.get(day)) is None:
                # Once a day, not once a figure: 7,126 against 210,000.
                recorded_at = fixings[day] = fixing_instant(schedule, day)
            observations.append(Observation(rate.held_as or code, recorded_at, day, won, tts, ttb, rate))
    return observations, rejected
