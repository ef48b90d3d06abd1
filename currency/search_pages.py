"""Finding a country or a currency while one types, and choosing up to five countries to compare.

One address, several answers: with a question the page, for who has no script or follows a link; without
one the box and the tray, as a part of other pages; `part=results`, what htmx puts under the box with each
key; `part=tray`, the tray alone.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import serializers

from config.api.query import Choice, Query
from config.pages.page import page
from currency import destinations, listing
from currency.catalog import KRW
from currency.parameters import CountryCodeField
from currency.search import directory, find

#: As many as the compare page takes.
MOST_CHOSEN = 5
_LONGEST = 60
_TEMPLATES = {
    "page": "currency/search.html",
    "box": "currency/search_box.html",
    "tray": "currency/search_tray.html",
    "results": "currency/search_results.html",
}


class _Chosen(CountryCodeField):
    """Country codes separated by commas, each once; none at all is an answer too."""

    def to_internal_value(self, data: Any) -> Any:
        several = [code for code in str(data).split(",") if code.strip()]
        return list(dict.fromkeys(super(_Chosen, self).to_internal_value(code) for code in several))


class _SearchQuery(Query):
    q = serializers.CharField(default="", allow_blank=True, max_length=_LONGEST)
    part = Choice(tuple(_TEMPLATES), required=False)
    countries = _Chosen(required=False, allow_blank=True)


@page(parameters=("q", "part", "countries"))
def search(request: HttpRequest) -> HttpResponse:
    """No query where destinations and currencies are remembered."""
    given = request.GET.copy()
    if "countries" in given:
        # As a form sends them, one for each box that is ticked.
        given["countries"] = ",".join(given.getlist("countries"))
    asked = _SearchQuery.read(given, {})
    part = asked.get("part") or ("page" if given else "box")
    chosen = asked.get("countries") or []
    active = destinations.in_order()
    money = tuple(code for code in listing.active_in_order() if code != KRW)
    return render(
        request,
        _TEMPLATES[part],
        {
            "q": asked["q"],
            "found": find(asked["q"], directory(active, money), most_countries=8, most_currencies=4),
            "chosen": chosen,
            "often": active[:8],
            "most": MOST_CHOSEN,
            "longest": _LONGEST,
            "is_part": part == "results",
        },
    )
