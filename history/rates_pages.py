"""Rates of the currencies people ask for, each with its last month.

NumPy is imported by the first page that needs it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.pages.page import page
from currency import destinations
from currency.catalog import home_of
from currency.source_line import source_lines
from history import sparkline

if TYPE_CHECKING:
    from history.rates_now import RateNow

_MOST = 8


@dataclass(frozen=True, slots=True)
class _Card:
    """One currency as the template tells it; `country` is one to compare, where it is a destination."""

    rate: "RateNow"
    source: str
    country: str | None
    line: str
    area: str
    high: float | None
    low: float | None


@page()
def rates_now_part(request: HttpRequest) -> HttpResponse:
    """The fragment: six queries, and one where the destinations have been forgotten."""
    from history.rates_now import rates_now

    now = timezone.now()
    rates = rates_now(most=_MOST, now=now)
    sources = source_lines((rate.quote for rate in rates), now)
    active = destinations.active()
    cards = [_card(rate, sources[rate.quote.code], active) for rate in rates]
    return render(request, "history/rates_now.html", {"cards": cards})


def _card(rate: "RateNow", source: str, active: frozenset[str]) -> _Card:
    home = home_of(rate.quote.code)
    return _Card(
        rate=rate,
        source=source,
        country=home if home in active else None,
        line=sparkline.path(rate.prices),
        area=sparkline.area(rate.prices),
        high=max(rate.prices, default=None),
        low=min(rate.prices, default=None),
    )
