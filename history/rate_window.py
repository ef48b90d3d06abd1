"""A currency's window for people: its closes, what they were like, averages over them, the days to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from currency.catalog import KRW
from currency.quoted_unit import quoted_unit
from history import backtest, forecast, indicators
from history.analysis import Analysis, Dated, analyse
from history.backtest import Score
from history.chart import Band, Chart, Floats, Line, continued
from history.closes import Closes, closes
from history.forecast import Band as Foreseen
from history.indicators import Indicators

OVERLAYS = ("sma20", "sma50", "bollinger", "forecast")
#: Trading days that are looked ahead in a window: not more than there are to look back on.
AHEAD = {"1w": 5, "1m": 10, "3m": 20}
#: Calendar days before the window: the same past for indicators as /history/stats gives them.
_LEAD = timedelta(days=indicators.PAST * 3 // 2 + 14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Prices in won for one unit. `closes` reach back before the window, `indicators` run along with them.

    `foreseen` and `scores` are empty where nothing is to be foretold: too short a history, or a currency
    that is published no more. `scores` are of horizons 1 to as many days as are foreseen.
    """

    closes: Closes
    analysis: Analysis
    indicators: Indicators
    foreseen: list[Foreseen]
    scores: list[Score]

    @property
    def lead(self) -> int:
        """How many of the closes are before the window."""
        return len(self.closes.days) - len(self.closes.window()[0])


def window(*, code: str, period: str, now: datetime) -> Window | None:
    """The window of `code` in won; None where nobody has published it.

    Three queries where last night's backtest is stored, five where it has to be made.
    """
    found = closes(code=code, base=KRW, period=period, now=now, lead=_LEAD)
    if found is None or not found.window()[0]:
        return None
    days, prices = found.window()
    lead = len(found.days) - len(days)
    before = Dated(found.days[lead - 1], float(found.prices[lead - 1])) if lead else None
    ahead = AHEAD.get(period, forecast.LONGEST)
    foreseen = _foreseen(found, ahead)
    return Window(
        closes=found,
        analysis=analyse(days, prices, before=before),
        indicators=indicators.indicators(found.prices),
        foreseen=foreseen,
        scores=_scores(found, ahead, now) if foreseen else [],
    )


def _foreseen(found: Closes, ahead: int) -> list[Foreseen]:
    days, prices = forecast.unbroken(found.days, found.prices)
    if len(days) < forecast.LEAST or found.freshness.state == "suspended":
        return []
    return forecast.forecast(days, prices, calendar=found.calendar, count=ahead)


def _scores(found: Closes, ahead: int, now: datetime) -> list[Score]:
    """How such forecasts of the same provider have done, over all there is of it."""
    stored = backtest.stored(
        code=found.code, base=KRW, source=found.source, newest=found.days[-1], longest=ahead
    )
    if stored is not None:
        return stored
    everything = closes(code=found.code, base=KRW, period="max", now=now)
    if everything is None or everything.source != found.source:
        return []
    return backtest.backtest(*forecast.unbroken(everything.days, everything.prices), longest=ahead)


def chart(told: Window, *, overlays: list[str], labels: dict[str, str]) -> Chart:
    """The window drawn: won for as many units as people speak of, thinned where it is long.

    `labels` has a name for `close` and for each of `OVERLAYS`.
    """
    lead, unit = told.lead, quoted_unit(told.closes.code)
    days, prices = told.closes.window()

    def of_window(values: Floats) -> Floats:
        shown: Floats = values[lead:] * unit
        return shown

    lines = [Line(key="close", label=labels["close"], tone=1, values=prices * unit)]
    bands: list[Band] = []
    for key, tone, values in (
        ("sma20", 2, told.indicators.sma_20),
        ("sma50", 3, told.indicators.sma_50),
    ):
        if key in overlays and not np.isnan(shown := of_window(values)).all():
            lines.append(Line(key=key, label=labels[key], tone=tone, values=shown, is_dashed=True))
    if "bollinger" in overlays:
        lower, upper = of_window(told.indicators.bollinger_lower), of_window(told.indicators.bollinger_upper)
        if not np.isnan(lower).all():
            bands.append(Band(key="bollinger", label=labels["bollinger"], tone=4, lower=lower, upper=upper))
    drawn = Chart(days=days, lines=lines, bands=bands).thinned()
    if "forecast" not in overlays or not told.foreseen:
        return drawn
    return continued(drawn, [one.day for one in told.foreseen], [_fan(told, len(drawn.days), unit, labels)])


def _fan(told: Window, known: int, unit: int, labels: dict[str, str]) -> Band:
    """The forecast's band on `known` days and those to come; it opens at the newest close."""
    past, newest = np.full(known - 1, np.nan), told.closes.prices[-1:]
    lower = np.concatenate((newest, [one.lower for one in told.foreseen])) * unit
    upper = np.concatenate((newest, [one.upper for one in told.foreseen])) * unit
    return Band(
        key="forecast",
        label=labels["forecast"],
        tone=5,
        lower=np.concatenate((past, lower)),
        upper=np.concatenate((past, upper)),
    )
