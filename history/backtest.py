"""How well the forecast would have done: made anew at every past close, held against what came.

Rolling origin: a forecast knows the closes up to its own day and no parameter that later ones have
set. Windows of neighbouring origins overlap, so of n observations at horizon h about n / h are
independent of each other.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime

import numpy as np
import structlog
from django.db import DatabaseError, connection

from currency.catalog import KRW
from currency.quotes import active_codes
from currency.schedule import LOOK_BACK
from history.closes import closes
from history.forecast import LEAST, LONGEST, METHOD, Floats, band, unbroken, variances
from history.models import ForecastBacktest

#: Coverage of an 80 % band that calls for a look at the method.
TOLERATED = (0.75, 0.85)
#: Horizons that the nightly run watches, and origins (a year) below which chance alone leaves the range.
WATCHED = (1, 5)
ENOUGH = 250

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Score:
    """How forecasts `horizon` trading days ahead have done, from their first origin to their last.

    `coverage` is the share of outcomes inside the band, bounds included. Errors are in base currency for
    one unit, `mean_absolute_error_percent` against the forecast; `naive` is the forecast of no change.
    `newest_date` is the day of the last outcome.
    """

    horizon: int
    first_origin: date
    last_origin: date
    newest_date: date
    observations: int
    coverage: float
    mean_absolute_error: float
    mean_absolute_error_percent: float
    naive_mean_absolute_error: float

    @property
    def is_tolerated(self) -> bool:
        return TOLERATED[0] <= self.coverage <= TOLERATED[1]


_NAMES = [field.name for field in fields(Score)]


def backtest(days: Sequence[date], prices: Floats, *, longest: int = LONGEST) -> list[Score]:
    """A score for each horizon from 1 to `longest` that has any outcome; closes oldest first."""
    first = LEAST - 1
    origins, known = prices[first:], variances(prices)[first - 1 :]
    scores = []
    for horizon in range(1, min(longest, len(origins) - 1) + 1):
        actual, unchanged = origins[horizon:], origins[:-horizon]
        predicted = unchanged  # the method has no drift
        lower, upper = band(predicted, known[:-horizon], horizon)
        errors = np.abs(actual - predicted)
        scores.append(
            Score(
                horizon=horizon,
                first_origin=days[first],
                last_origin=days[-1 - horizon],
                newest_date=days[-1],
                observations=len(actual),
                coverage=float(np.mean((lower <= actual) & (actual <= upper))),
                mean_absolute_error=float(np.mean(errors)),
                mean_absolute_error_percent=float(np.mean(100 * errors / predicted)),
                naive_mean_absolute_error=float(np.mean(np.abs(actual - unchanged))),
            )
        )
    return scores


def pooled_coverage(scores: Sequence[Score]) -> float:
    """The share of outcomes inside their bands over all horizons together. Raises: ZeroDivisionError for none."""
    inside = sum(score.coverage * score.observations for score in scores)
    return inside / sum(score.observations for score in scores)


def stored(*, code: str, base: str, source: str, newest: date, longest: int) -> list[Score] | None:
    """What the last nightly run has found for horizons 1 to `longest`; None unless it has all of them.

    It may be two weeks behind the newest close: ten outcomes more among thousands. One query.
    """
    rows = ForecastBacktest.objects.filter(
        currency_code=code,
        base_code=base,
        source=source,
        method=METHOD,
        horizon__lte=longest,
        newest_date__gte=newest - LOOK_BACK,
    )
    scores = [Score(*row) for row in rows.order_by("horizon").values_list(*_NAMES)]
    return scores if len(scores) == longest else None


def refresh(now: datetime) -> int:
    """Test every active currency against the won where there are newer closes; how many were tested.

    A currency that fails is logged, and the others go on. Safe to repeat: with the same closes nothing
    is read but them, and nothing is written.
    """
    tested = 0
    for code in active_codes():
        if code == KRW:
            continue
        try:
            tested += _refresh(code, now)
        except (ArithmeticError, LookupError, ValueError, DatabaseError):
            log.exception("backtest_failed", currency=code)
    return tested


def _refresh(code: str, now: datetime) -> bool:
    found = closes(code=code, base=KRW, period="max", now=now)
    if found is None:
        return False
    days, prices = unbroken(found.days, found.prices)
    of_pair = ForecastBacktest.objects.filter(
        currency_code=code, base_code=KRW, source=found.source, method=METHOD
    )
    if not days or of_pair.filter(newest_date=days[-1]).exists():
        return False
    scores = backtest(days, prices)
    _store(scores, code=code, source=found.source, now=now)
    for score in scores:
        if score.horizon in WATCHED and score.observations >= ENOUGH and not score.is_tolerated:
            log.warning(
                "forecast_band_off",
                currency=code,
                base=KRW,
                source=found.source,
                horizon=score.horizon,
                coverage=round(score.coverage, 4),
                observations=score.observations,
            )
    return bool(scores)


def _store(scores: Sequence[Score], *, code: str, source: str, now: datetime) -> None:
    """Insert or replace, all horizons in one statement."""
    ForecastBacktest.objects.bulk_create(
        [
            ForecastBacktest(
                currency_code=code,
                base_code=KRW,
                source=source,
                method=METHOD,
                computed_at=now,
                **dict(zip(_NAMES, astuple(score), strict=True)),
            )
            for score in scores
        ],
        update_conflicts=True,
        update_fields=[*_NAMES[1:], "computed_at"],
        # MySQL finds the conflict by itself and refuses to be told.
        unique_fields=ForecastBacktest.KEY
        if connection.features.supports_update_conflicts_with_target
        else None,
    )
