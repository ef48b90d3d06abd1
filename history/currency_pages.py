"""One currency: what it costs now and from whom, how it moved, what it was on a day, all of it as a file.

NumPy is imported by the first page that needs it.
"""

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.api.errors import ApiError
from config.api.query import refusal
from config.pages.page import page
from currency import catalog, quotes
from currency.catalog import KRW
from currency.quotes import ONE, divide
from currency.schedule import SEOUL
from currency.source_line import source_lines
from history.every_provider import of_every_provider
from history.page_queries import NO_OVERLAY, CurrencyPagePartQuery, CurrencyPageQuery
from history.period_words import period_words, tabs
from history.publishers import publishers
from history.series import daily

if TYPE_CHECKING:
    from history.rate_window import Window

#: Months that the table has at most; all days are in the file.
_MOST_MONTHS = 13


_PARAMETERS = ("period", "overlays", "on")


@page(parameters=_PARAMETERS)
def currency(request: HttpRequest, code: str) -> HttpResponse:
    if (moved := _elsewhere(request, code, "currency")) is not None:
        return moved
    query = CurrencyPageQuery.of(request.GET)
    now = timezone.now()
    _refuse_what_is_to_come(query.get("on"), now)
    quote = quotes.latest([code], KRW, now).get(code)
    before = quotes.previous_close(quote) if quote is not None else None
    every = of_every_provider(code, now)
    return render(
        request,
        "history/currency.html",
        {
            "code": code,
            "home": (home := catalog.home_of(code)),
            # Its own country before those that took it over.
            "countries": sorted(catalog.countries_of(code), key=lambda country: country != home),
            "quote": quote,
            "change": quote.rate - before if quote is not None and before is not None else None,
            "change_percent": _percent(quote.rate, before) if quote is not None and before else None,
            "source_line": source_lines([quote], now)[code] if quote is not None else "",
            "others": every if len(every) > 1 else [],
            "names": publishers(_language()) if len(every) > 1 else {},
            "period": query["period"],
            "overlays": ",".join(query["overlays"]) or NO_OVERLAY,
            "on": query.get("on"),
        },
    )


@page(parameters=("code", "period", "overlays"), seconds=300)
def window(request: HttpRequest) -> HttpResponse:
    """The chart with its tabs, what the window was like, and its months, as a part of the page."""
    from history import rate_window
    from history.figure import figure

    query = CurrencyPagePartQuery.of(request.GET)
    _refuse_what_has_no_rate(code := query["code"])
    period, overlays = query["period"], query["overlays"]
    told = rate_window.window(code=code, period=period, now=timezone.now())
    words = period_words()
    context: dict[str, Any] = {
        "code": code,
        "period": period,
        "period_words": words[period],
        "address": _query(period, overlays),
        "tabs": tabs(period, lambda one: _query(one, overlays)),
        "overlays": [
            {"key": key, "label": label, "tone": tone, "is_shown": key in overlays}
            for key, (label, tone) in _overlays().items()
        ],
        "told": told,
    }
    if told is not None:
        labels = {
            "close": catalog.currency_name(code, _language()),
            **{key: label for key, (label, _tone) in _overlays().items()},
        }
        days, prices = told.closes.window()
        drawn = figure(rate_window.chart(told, overlays=overlays, labels=labels), id="rates")
        context |= {
            "figure": drawn,
            "first": days[0],
            "last": days[-1],
            "first_price": float(prices[0]),
            "trading_days": len(days),
            "drawn": len(days) - drawn.left_out,
            "months": _months(told),
            "months_left_out": max(0, len(told.analysis.months) - _MOST_MONTHS),
            "names": publishers(_language()),
            **_track_record(told),
        }
    return render(request, "history/currency_window.html", context)


@page(parameters=("code", "on"))
def day(request: HttpRequest) -> HttpResponse:
    """The rate in force on a day, as a part of the page; without a day, the question alone."""
    query = CurrencyPagePartQuery.of(request.GET)
    _refuse_what_has_no_rate(code := query["code"])
    now = timezone.now()
    today = now.astimezone(SEOUL).date()
    _refuse_what_is_to_come(on := query.get("on"), now)
    asked = quotes.close_on(code, KRW, on, now) if on is not None else None
    newest = quotes.latest([code], KRW, now).get(code) if asked is not None else None
    return render(
        request,
        "history/currency_day.html",
        {
            "code": code,
            "on": on,
            "today": today,
            "earliest": min((one.first for one in of_every_provider(code, now)), default=None),
            "asked": asked,
            "is_carried": asked is not None and asked.rate_date != on,
            "newest": newest,
            "since_percent": _percent(newest.rate, asked.rate) if newest and asked else None,
            "names": publishers(_language()),
            "address": f"?on={on.isoformat()}" if on else "",
        },
    )


@page(parameters=("period",), seconds=300)
def rates_csv(request: HttpRequest, code: str) -> HttpResponse:
    """Every bar of the window as CSV: won for one unit, exact, oldest first. Two queries.

    Without a byte order mark: there is nothing but ASCII in it, which every program reads alike, and a
    mark would become part of the first column's name in most.
    """
    if (moved := _elsewhere(request, code, "currency-csv")) is not None:
        return moved
    period = CurrencyPageQuery.of(request.GET)["period"]
    series = daily(code=code, base=KRW, period=period, now=timezone.now())
    if series is None or not series.points:
        raise _no_rates(code)
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(("date", "open", "high", "low", "close", "unit", "source"))
    unit = f"KRW per 1 {code}"
    for point in series.points:
        bar = map(_exact, (point.open, point.high, point.low, point.close))
        rows.writerow((point.at, *bar, unit, series.source))
    return HttpResponse(
        file.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-KRW-{period}.csv"'},
    )


def _elsewhere(request: HttpRequest, code: str, name: str) -> HttpResponse | None:
    """Where the currency's page is, if its code was written small. Raises: ApiError for what has none."""
    if code != code.upper() and catalog.is_currency(code.upper()) and code.isascii():
        query = request.GET.urlencode()
        return HttpResponsePermanentRedirect(
            reverse(name, args=[code.upper()]) + (f"?{query}" if query else "")
        )
    _refuse_what_has_no_rate(code)
    return None


def _refuse_what_has_no_rate(code: str) -> None:
    """Raises: ApiError NOT_FOUND for what is no currency, and for the won."""
    if code == KRW:
        raise ApiError(
            "NOT_FOUND",
            _("The won is what all the others are priced in."),
            expected=_("a currency other than {base}").format(base=KRW),
        )
    if not catalog.is_currency(code):
        raise ApiError(
            "NOT_FOUND",
            _("“{code}” is not a currency we know.").format(code=code[:20]),
            expected=_("an ISO 4217 code such as USD, JPY or EUR"),
        )


def _refuse_what_is_to_come(on: date | None, now: datetime) -> None:
    """Raises: ApiError INVALID_PARAMETER for a day after today in Seoul."""
    today = now.astimezone(SEOUL).date()
    if on is not None and on > today:
        raise refusal("on", on.isoformat(), _("a day up to today, {today}").format(today=today.isoformat()))


def _no_rates(code: str) -> ApiError:
    return ApiError(
        "NOT_FOUND",
        _("Nobody whose rates we hold has published {code}.").format(code=code),
        expected=_("a currency that is published"),
    )


def _query(period: str, overlays: list[str]) -> str:
    return f"?period={period}&overlays={','.join(overlays) or NO_OVERLAY}"


def _overlays() -> dict[str, tuple[str, int]]:
    """{overlay: its name and the tone it is drawn in}, in the order of the boxes."""
    return {
        "sma20": (_("20-day average"), 2),
        "sma50": (_("50-day average"), 3),
        "bollinger": (_("Bollinger band"), 4),
        "forecast": (_("Likely range ahead"), 5),
    }


def _months(told: "Window") -> list[dict[str, Any]]:
    """The newest months, newest first, each with its first day for its name."""
    return [
        {"day": date.fromisoformat(f"{month.month}-01"), "told": month}
        for month in reversed(told.analysis.months[-_MOST_MONTHS:])
    ]


def _track_record(told: "Window") -> dict[str, Any]:
    """How often such a range has held: a day ahead, and as many as are drawn."""
    if not told.scores:
        return {"tomorrow": None}
    tomorrow, last = told.scores[0], told.scores[-1]
    years = (tomorrow.newest_date - tomorrow.first_origin) // timedelta(days=365)
    return {
        "years": years,
        "tomorrow": 100 * tomorrow.coverage,
        "later": 100 * last.coverage if last.horizon == len(told.foreseen) else None,
        "later_days": last.horizon,
        "outcomes": tomorrow.observations,
        "ends": told.foreseen[-1],
    }


def _percent(rate: Decimal, before: Decimal) -> Decimal:
    return 100 * (divide(rate, before) - ONE)


def _exact(price: Decimal) -> str:
    """All digits that are kept, without zeros that say nothing."""
    return f"{price.normalize():f}"


def _language() -> str:
    return get_language() or "ko"
