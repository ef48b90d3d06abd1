"""Where money goes furthest: what a Big Mac costs there, in won and against home."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from config.pages.page import page
from currency import destinations
from currency.price_ranking import NoPriceAtHome, Place, price_ranking
from currency.prices import BIGMAC
from currency.schedule import SEOUL

HOME = "KR"
_CHEAPEST = 6


@page(seconds=300)
def cheapest(request: HttpRequest) -> HttpResponse:
    """The cheapest countries and where home stands, as a part of a page.

    Two queries, one more where the destinations have been forgotten.
    """
    now = timezone.now()
    try:
        told = price_ranking(item=BIGMAC, base=HOME, now=now)
    except NoPriceAtHome:
        return render(request, "currency/cheapest.html", {"places": []})
    today, active = now.astimezone(SEOUL).date(), destinations.active()
    shown = told.places[:_CHEAPEST]
    home = next(place for place in told.places if place.compared.there.country == HOME)
    # Home is 100 and has the longest bar, unless even the cheapest are dearer.
    longest = max([place.index for place in shown] + [home.index])

    def row(place: Place) -> dict[str, Any]:
        there = place.compared.there
        return {
            "rank": place.rank,
            "country": there.country,
            "index": place.index,
            "bar": 100 * place.index / longest,
            "local": there.price,
            "currency": there.currency,
            "won": place.compared.price_at_home,
            "is_as_published": place.compared.basis == "published",
            "is_old": there.is_old(today),
            "can_be_chosen": there.country in active,
        }

    return render(
        request,
        "currency/cheapest.html",
        {
            "places": [row(place) for place in shown],
            "home": row(home),
            "is_home_shown": home in shown,
            "count": len(told.places),
            "observed_on": told.home.observed_on,
            "age_months": told.home.age_months(today),
            # Of several days the oldest: none of the figures is older than that.
            "rates_of": min(
                (place.compared.quote.rate_date for place in shown if place.compared.quote), default=None
            ),
            "sources": sorted({place.compared.there.source for place in [*shown, home]}),
        },
    )
