"""GET /history."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.endpoint import ReadEndpoint
from config.api.envelope import instant, number
from config.api.errors import ApiError
from currency.parameters import refuse_old
from history import serializers
from history.period import HOURLY
from history.series import Point, Series, daily, hourly
from history.statistics import summarise


class History(ReadEndpoint):
    """환율 이력 · A currency's bars over a window, oldest first, with the statistics of their closes."""

    query = serializers.HistoryQuery
    answer_schema = serializers.History
    error_codes = ("INVALID_CURRENCY_CODE", "INVALID_PERIOD", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        target, base, period, interval = (query[name] for name in ("target", "base", "period", "interval"))
        _refuse_nonsense(target, base, period, interval)
        read = daily if interval == "daily" else hourly
        series = read(code=target, base=base, period=period, now=timezone.now())
        if series is None or not series.points:
            raise ApiError(
                "NOT_FOUND",
                _("No provider has published {target} and {base} that we hold.").format(
                    target=target, base=base
                ),
                parameter="target",
                provided=target,
                expected=_("a currency with coverage in /api/v1/currencies"),
            )
        refuse_old({target: series.freshness}, query)
        return {
            "base": base,
            "target": target,
            "period": period,
            "interval": interval,
            "data_points": len(series.points),
            "source": series.source,
            "stale": series.stale,
            "freshness": series.freshness.told(),
            "results": _rows(series),
            "statistics": _statistics(series),
        }


def _refuse_nonsense(target: str, base: str, period: str, interval: str) -> None:
    if target == base:
        raise ApiError(
            "INVALID_PARAMETER",
            _("A currency has no history against itself: expected another target than {base}.").format(
                base=base
            ),
            parameter="target",
            provided=target,
            expected=_("a currency other than {base}").format(base=base),
        )
    if interval == "hourly" and period not in HOURLY:
        raise ApiError(
            "INVALID_PERIOD",
            _("Hours are kept for short windows: expected one of {periods}.").format(
                periods=", ".join(HOURLY)
            ),
            parameter="period",
            provided=period,
            expected=_("with interval=hourly one of: {periods}").format(periods=", ".join(HOURLY)),
        )


def _rows(series: Series) -> list[dict[str, Any]]:
    return [
        {
            "date": _when(point),
            "rate": point.close,
            "open": point.open,
            "high": point.high,
            "low": point.low,
            "change": change,
            "change_percent": None if percent is None else round(percent, 4),
            "volume": point.observations,
        }
        for point, change, percent in series.with_changes()
    ]


def _when(point: Point) -> str | date:
    return instant(point.at) if isinstance(point.at, datetime) else point.at


def _statistics(series: Series) -> dict[str, Any]:
    told = summarise([number(point.close) for point in series.points])
    return {
        "average": float(f"{told.average:.10g}"),
        "min": told.min,
        "max": told.max,
        "volatility": None if told.volatility is None else round(told.volatility, 4),
        "trend": told.trend,
        "data_points": told.data_points,
    }
