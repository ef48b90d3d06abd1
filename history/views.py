"""GET /history, /history/forecast/{code}."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from history.backtest import Score


class History(ReadEndpoint):
    """환율 이력 · A currency's bars over a window, oldest first, with the statistics of their closes."""

    query = serializers.HistoryQuery
    answer_schema = serializers.History
    error_codes = ("INVALID_CURRENCY_CODE", "INVALID_PERIOD", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        target, base, period, interval = (query[name] for name in ("target", "base", "period", "interval"))
        refuse_itself(target, base)
        _refuse_long_hours(period, interval)
        read = daily if interval == "daily" else hourly
        series = read(code=target, base=base, period=period, now=timezone.now())
        if series is None or not series.points:
            raise no_history(target, base)
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


def refuse_itself(target: str, base: str, *, parameter: str = "target") -> None:
    """Raises: ApiError where a currency would be priced in itself."""
    if target == base:
        raise ApiError(
            "INVALID_PARAMETER",
            _("A currency has no price in itself: expected two different ones, not {base} twice.").format(
                base=base
            ),
            parameter=parameter,
            provided=target,
            expected=_("a currency other than {base}").format(base=base),
        )


def no_history(target: str, base: str, *, parameter: str = "target") -> ApiError:
    return ApiError(
        "NOT_FOUND",
        _("No provider has published {target} and {base} that we hold.").format(target=target, base=base),
        parameter=parameter,
        provided=target,
        expected=_("a currency with coverage in /api/v1/currencies"),
    )


def _refuse_long_hours(period: str, interval: str) -> None:
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


class Forecast(ReadEndpoint):
    """환율 전망 · What a rate may be on the next trading days, and how well such forecasts have done so far."""

    query = serializers.ForecastQuery
    answer_schema = serializers.Forecast
    error_codes = ("INVALID_CURRENCY_CODE", "NOT_FOUND", "STALE_DATA")
    max_age = 300

    def answer(self, query: dict[str, Any], language: str) -> Any:
        # NumPy, which nothing else here needs.
        from history import backtest, forecast
        from history.closes import closes

        code, base, ahead = query["code"], query["base"], query["days"]
        refuse_itself(code, base, parameter="base")
        # All there is, as the backtest takes it: both have to be of one provider.
        found = closes(code=code, base=base, period="max", now=timezone.now())
        days, prices = forecast.unbroken(found.days, found.prices) if found else ([], None)
        if found is None or prices is None or len(days) < forecast.LEAST:
            raise _too_little_history(code, base, len(days), forecast.LEAST)
        if found.freshness.state == "suspended":
            raise _no_future(code, base, days[-1])
        refuse_old({code: found.freshness}, query)
        scores = backtest.stored(
            code=code, base=base, source=found.source, newest=days[-1], longest=ahead
        ) or backtest.backtest(days, prices, longest=ahead)
        bands = forecast.forecast(days, prices, calendar=found.calendar, count=ahead)
        return {
            "currency": code,
            "base": base,
            "forecast_period": f"{ahead}d",
            "forecast_date": days[-1],
            "current_rate": _figure(prices[-1]),
            "source": found.source,
            "stale": found.freshness.is_old,
            "freshness": found.freshness.told(),
            "method": forecast.METHOD,
            "method_description": _(
                "A random walk without drift in the logarithm of the rate: what is forecast is the newest close. "
                "The interval is that of a normal distribution whose variance is an exponentially weighted mean "
                "of squared daily changes (decay {decay}); it widens with the square root of the trading days."
            ).format(decay=forecast.DECAY),
            "confidence_level": forecast.CONFIDENCE,
            "forecast_data": [
                {
                    "date": band.day,
                    "predicted_rate": _figure(band.predicted),
                    "confidence_interval": {"lower": _figure(band.lower), "upper": _figure(band.upper)},
                }
                for band in bands
            ],
            "backtest": _backtest(scores, ahead),
            "disclaimer": _(
                "This tells how far the rate may move, not which way: no direction is foretold. A devaluation, an "
                "intervention or a crisis can leave every interval. It is no advice to buy or to sell."
            ),
        }


def _too_little_history(code: str, base: str, held: int, least: int) -> ApiError:
    return ApiError(
        "NOT_FOUND",
        _(
            "We hold {held} closes of {code} in {base} without a gap; a forecast needs at least {least}."
        ).format(held=held, code=code, base=base, least=least),
        parameter="code",
        provided=code,
        expected=_("a currency with at least {least} trading days in /api/v1/history").format(least=least),
    )


def _no_future(code: str, base: str, last: date) -> ApiError:
    return ApiError(
        "NOT_FOUND",
        _("{code} in {base} was last published on {last}: there is nothing left to forecast.").format(
            code=code, base=base, last=last
        ),
        parameter="code",
        provided=code,
        expected=_("a currency that is still published"),
    )


def _backtest(scores: "list[Score]", ahead: int) -> dict[str, Any]:
    """The score at the farthest day asked for, which a short history may not have yet."""
    at_end = scores[-1] if len(scores) == ahead else None
    if at_end is None:
        note = _("There is not enough history yet to test a forecast {days} trading days ahead.").format(
            days=ahead
        )
    else:
        note = _(
            "Of {observations} past outcomes {days} trading days ahead, {percent} % lay inside the interval. What is "
            "forecast is no change, so both mean errors are the same figure: nothing here claims to beat it."
        ).format(observations=at_end.observations, days=ahead, percent=round(100 * at_end.coverage, 1))
    return {
        **_score(ahead, at_end),
        "from": at_end and at_end.first_origin,
        "to": at_end and at_end.newest_date,
        "by_horizon": [_score(score.horizon, score) for score in scores],
        "note": note,
    }


def _score(horizon: int, score: "Score | None") -> dict[str, Any]:
    return {
        "horizon": horizon,
        "coverage": score and round(score.coverage, 4),
        "mean_absolute_error": score and _figure(score.mean_absolute_error),
        "mean_absolute_error_percent": score and round(score.mean_absolute_error_percent, 4),
        "naive_mean_absolute_error": score and _figure(score.naive_mean_absolute_error),
        "observations": score.observations if score else 0,
    }


def _figure(value: float) -> float:
    """Ten significant digits, as rates are told."""
    return float(f"{value:.10g}")
