"""Countries beside each other: what money, coffee and a burger cost there, and how the rates moved.

NumPy is imported by the first page that needs it.
"""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from config.api.query import refusal
from config.pages.page import page
from currency import catalog
from currency.catalog import KRW
from currency.prices import BIGMAC, LATTE, PRICE_LEVEL
from currency.source_line import source_lines
from history.page_queries import MOST_COUNTRIES, ComparePageQuery, CountryCodesField
from history.period_words import period_words, tabs
from history.publishers import publishers

if TYPE_CHECKING:
    from history.comparison import Comparison
    from history.country_cards import Card

_PARAMETERS = ("countries", "period", "scale")


@page(parameters=_PARAMETERS, is_kept=False)  # each visit is counted; what is dear in it is kept by itself
def compare(request: HttpRequest) -> HttpResponse:
    query = ComparePageQuery.of(request.GET)
    countries = query.get("countries", [])
    return render(
        request,
        "history/compare.html",
        {
            "countries": countries,
            "listed": ",".join(countries),
            "period": query["period"],
            "scale": query["scale"],
            "most": MOST_COUNTRIES,
        },
    )


@page(parameters=_PARAMETERS)
def cards(request: HttpRequest) -> HttpResponse:
    """A card for each country, as a part of the page."""
    from history import country_cards

    query, now = _with_countries(request), timezone.now()
    countries = query["countries"]
    told = country_cards.cards(countries, now)
    lines = source_lines([card.quote for card in told if card.quote is not None], now)
    return render(
        request,
        "history/compare_cards.html",
        {"cards": [_card(card, lines, _without(card.country, query)) for card in told]},
    )


@page(parameters=_PARAMETERS, seconds=300)
def chart(request: HttpRequest) -> HttpResponse:
    """The chart of all, what it tells, and the tabs that change it, as a part of the page."""
    from history import shared_chart
    from history.figure import figure

    query = _with_countries(request)
    countries = query["countries"]
    moneys = {country: catalog.currency_of(country) for country in countries}
    codes = [code for code in dict.fromkeys(moneys.values()) if code is not None]
    told = shared_chart.shared(codes, period=query["period"], now=timezone.now())
    labels = {code: _label(code, countries, moneys) for code in told.found}
    context: dict[str, Any] = {
        "address": _query(query, countries),
        "tabs": tabs(query["period"], lambda period: _query({**query, "period": period}, countries)),
        "scales": [
            {
                "key": scale,
                "label": label,
                "query": _query({**query, "scale": scale}, countries),
                "is_chosen": scale == query["scale"],
            }
            for scale, label in (("index", _("From 100")), ("absolute", _("In won")))
        ],
        "period_words": period_words()[query["period"]],
        "scale": query["scale"],
        "missing": told.missing,
        "has_home": KRW in codes,
        "names": publishers(_language()),
    }
    if told.found and told.comparison is not None:
        windows = {code: closes.window()[0] for code, closes in told.found.items()}
        chart_of_all = shared_chart.chart(told, scale=query["scale"], labels=labels)
        context |= {
            "figure": figure(chart_of_all, id="compared"),
            "drawn": len(chart_of_all.days),
            "first": min(days[0] for days in windows.values()),
            "last": max(days[-1] for days in windows.values()),
            "sources": list(dict.fromkeys(closes.source for closes in told.found.values())),
            "rows": _rows(told.comparison, labels),
            "best": told.comparison.best,
            "worst": told.comparison.worst,
            "ties": _ties(told.comparison, labels),
        }
    return render(request, "history/compare_chart.html", context)


def _with_countries(request: HttpRequest) -> dict[str, Any]:
    """The checked parameters of a part; without countries it has nothing to show."""
    query = ComparePageQuery.of(request.GET)
    if "countries" not in query:
        raise refusal("countries", None, str(CountryCodesField.expected))
    return query


def _card(told: "Card", lines: dict[str, str], without: str) -> dict[str, Any]:
    """The card with what its words need."""
    things = {BIGMAC: _("Big Mac"), LATTE: _("latte"), PRICE_LEVEL: _("price level")}
    return {
        "told": told,
        "source_line": lines.get(told.currency or "", ""),
        "without": without,
        "treats": [(told.bigmac, _("Big Mac")), (told.latte, _("Latte, tall"))],
        "by": abs(told.difference or 0),
        "level_of": ", ".join(things[item] for item in told.level_of),
        # Inside the scale's ends, which are as round as the mark.
        "mark": f"{4 + 0.92 * told.standing.percentile:.1f}%" if told.standing else "",
    }


def _without(country: str, query: dict[str, Any]) -> str:
    return _query(query, [one for one in query["countries"] if one != country])


def _query(query: dict[str, Any], countries: list[str]) -> str:
    """The query string that asks for these countries in the same way."""
    if not countries:
        return ""
    return f"?countries={','.join(countries)}&period={query['period']}&scale={query['scale']}"


def _label(code: str, countries: list[str], moneys: dict[str, str | None]) -> str:
    """The currency, and the chosen countries that pay with it."""
    language = _language()
    there = [catalog.country_name(country, language) for country in countries if moneys[country] == code]
    return f"{catalog.currency_name(code, language)} ({', '.join(there)})"


def _rows(compared: "Comparison", labels: dict[str, str]) -> list[dict[str, Any]]:
    """What each currency did in the window, the one that rose most first; its tone is that of its line."""
    tones = {code: tone for tone, code in enumerate(labels, start=1)}
    return [
        {"told": one, "label": labels[one.code], "tone": tones[one.code]}
        for one in sorted(compared.compared, key=lambda one: -one.change_percent)
    ]


def _ties(compared: "Comparison", labels: dict[str, str]) -> list[dict[str, Any]]:
    """The correlations as the rows of a square; nothing for a currency alone."""
    if len(labels) < 2:
        return []
    values = compared.correlations
    return [
        {
            "code": one,
            "label": labels[one],
            "cells": [
                {"is_itself": one == other, "value": values.get((one, other), values.get((other, one)))}
                for other in labels
            ],
        }
        for one in labels
    ]


def _language() -> str:
    return get_language() or "ko"
