"""GET /history/stats and /history/compare.

NumPy and TA-Lib are imported by the first request that needs them.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.endpoint import ReadEndpoint
from config.api.errors import ApiError
from config.api.query import refusal
from currency.parameters import refuse_old
from history import analysis_serializers
from history.analysis_serializers import MOST_TARGETS
from history.views import no_history, refuse_itself

if TYPE_CHECKING:
    from history.analysis import Analysis, Dated
    from history.closes import Closes
    from history.comparison import Comparison


class Stats(ReadEndpoint):
    """환율 통계 · What a window was like: level, range, movement, trend, indicators, month by month."""

    query = analysis_serializers.StatsQuery
    answer_schema = analysis_serializers.Stats
    error_codes = ("INVALID_CURRENCY_CODE", "INVALID_PERIOD", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        from history import indicators
        from history.analysis import Dated, analyse
        from history.closes import closes

        target, base, period = query["target"], query["base"], query["period"]
        refuse_itself(target, base)
        # More than PAST trading days, so that the indicators are the same whatever the window.
        lead = timedelta(days=indicators.PAST * 3 // 2 + 14)
        found = closes(code=target, base=base, period=period, now=timezone.now(), lead=lead)
        if found is None or not found.window()[0]:
            raise no_history(target, base)
        refuse_old({target: found.freshness}, query)
        days, prices = found.window()
        lead_days = len(found.days) - len(days)
        before = Dated(found.days[lead_days - 1], float(found.prices[lead_days - 1])) if lead_days else None
        analysis = analyse(days, prices, before=before)
        return {
            "currency_pair": f"{base}/{target}",
            "period": period,
            "analysis_date": days[-1],
            "current_rate": _figure(analysis.newest),
            "data_points": len(days),
            "source": found.source,
            "stale": found.freshness.is_old,
            "freshness": found.freshness.told(),
            "statistics": _statistics(analysis),
            "technical_indicators": _indicators(indicators.newest(found.prices)),
            "monthly_breakdown": [
                {
                    "month": month.month,
                    "average": _figure(month.average),
                    "min": _figure(month.min),
                    "max": _figure(month.max),
                    "change_percent": _figure(month.change_percent),
                    "volatility": _figure(month.volatility),
                    "trading_days": month.trading_days,
                }
                for month in analysis.months
            ],
        }


class Compare(ReadEndpoint):
    """통화 비교 · Currencies beside each other over one window: change, volatility, correlation."""

    query = analysis_serializers.CompareQuery
    answer_schema = analysis_serializers.Compare
    error_codes = ("INVALID_CURRENCY_CODE", "INVALID_PERIOD", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        from history.closes import closes_of_many
        from history.comparison import compare

        targets, base, period = query["targets"], query["base"], query["period"]
        _refuse_nonsense(targets, base)
        found = closes_of_many(codes=targets, base=base, period=period, now=timezone.now())
        for target in targets:
            if target not in found or not found[target].window()[0]:
                raise no_history(target, base, parameter="targets")
        refuse_old({code: closes.freshness for code, closes in found.items()}, query)
        return {
            "base": base,
            "period": period,
            "comparison_date": max(closes.days[-1] for closes in found.values()),
            "stale": any(closes.freshness.is_old for closes in found.values()),
            **_comparison(compare(found), found),
        }


def _refuse_nonsense(targets: list[str], base: str) -> None:
    if base in targets:
        raise ApiError(
            "INVALID_PARAMETER",
            _("A currency has no price in itself: expected two different ones, not {base} twice.").format(
                base=base
            ),
            parameter="targets",
            provided=",".join(targets),
            expected=_("currencies other than {base}").format(base=base),
        )
    if not 2 <= len(targets) <= MOST_TARGETS:
        expected = _("2 to {most} different currencies, separated by commas").format(most=MOST_TARGETS)
        raise refusal("targets", ",".join(targets), expected)


def _statistics(told: "Analysis") -> dict[str, Any]:
    slope = told.trend.slope
    return {
        "current_rate": _figure(told.newest),
        "period_average": _figure(told.average),
        "period_min": _figure(told.lowest.value),
        "period_min_date": told.lowest.day,
        "period_max": _figure(told.highest.value),
        "period_max_date": told.highest.day,
        "total_change": _figure(told.change),
        "total_change_percent": _figure(told.change_percent),
        "mean_daily_return_percent": _figure(told.mean_return_percent),
        "best_day": _day(told.best_day),
        "worst_day": _day(told.worst_day),
        "volatility_index": _figure(told.volatility),
        "trend_direction": told.trend.direction,
        "trend": {
            "slope_percent_per_year": None if slope is None else _figure(100 * 252 * slope),
            "t_statistic": _figure(told.trend.t_statistic),
        },
        "support_level": told.support and _figure(told.support.value),
        "support_date": told.support and told.support.day,
        "resistance_level": told.resistance and _figure(told.resistance.value),
        "resistance_date": told.resistance and told.resistance.day,
        "percentile": _figure(told.percentile),
        "maximum_drawdown": {
            "percent": _figure(told.drawdown.percent),
            "peak_date": told.drawdown.peak,
            "trough_date": told.drawdown.trough,
        },
    }


def _day(told: "Dated | None") -> dict[str, Any] | None:
    return None if told is None else {"date": told.day, "percent": _figure(told.value)}


def _indicators(told: dict[str, float | None]) -> dict[str, Any]:
    figures = {name: _figure(value) for name, value in told.items()}
    nested = {
        "macd": figures.pop("macd"),
        "signal": figures.pop("macd_signal"),
        "histogram": figures.pop("macd_histogram"),
    }
    return {**figures, "macd": nested}


def _comparison(told: "Comparison", found: "dict[str, Closes]") -> dict[str, Any]:
    return {
        "comparison": [
            {
                "currency": one.code,
                "current_rate": _figure(one.newest),
                "period_change_percent": _figure(one.change_percent),
                "volatility": _figure(one.volatility),
                "performance_rank": one.rank,
                "sharpe_ratio": _figure(one.sharpe_ratio),
                "source": one.source,
                "freshness": found[one.code].freshness.told(),
            }
            for one in told.compared
        ],
        "correlation_matrix": {
            f"{one}_{other}": _figure(value) for (one, other), value in told.correlations.items()
        },
        "portfolio_analysis": {
            "best_performer": told.best,
            "worst_performer": told.worst,
            "most_volatile": told.most_volatile,
            "least_volatile": told.least_volatile,
        },
    }


def _figure(value: float | None) -> float | None:
    """Twelve significant digits: more than anybody reads, fewer than binary noise."""
    return None if value is None else float(f"{value:.12g}")
