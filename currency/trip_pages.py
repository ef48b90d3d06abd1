"""The trip card: rates one can read abroad, without a network.

The service worker keeps the last one that was seen (config/pages/service-worker.js). Shown in place of
another page it uncovers the element with `data-offline`.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from config.api.query import Query
from config.pages.page import page
from currency import destinations
from currency.parameters import CountryCodeField
from currency.source_line import source_lines
from currency.trip_card import first_countries, trip_cards

#: More would be no card any more.
MOST = 20


class CountryCodesField(CountryCodeField):
    """Comma-separated codes, each once, in the order given; 20 at most."""

    expected = gettext_lazy("up to 20 country codes separated by commas, such as JP,TH")

    def to_internal_value(self, data: Any) -> Any:
        codes = list(dict.fromkeys(map(super().to_internal_value, str(data).split(","))))
        if len(codes) > MOST:
            raise serializers.ValidationError("too many")
        return codes


class TripQuery(Query):
    countries = CountryCodesField(required=False)


@page(parameters=("countries",))
def trip(request: HttpRequest) -> HttpResponse:
    if len(ticked := request.GET.getlist("countries")) > 1:  # one box each, as a form sends them
        return HttpResponseRedirect(
            f"{reverse('trip')}?{urlencode({'countries': ','.join(ticked)}, safe=',')}"
        )
    given = {name: value for name, value in request.GET.dict().items() if value}
    now = timezone.now()
    countries = TripQuery.checked(given).get("countries") or first_countries(now)
    cards = trip_cards(countries, now)
    sources = source_lines([card.quote for card in cards if card.quote], now)
    return render(
        request,
        "currency/trip.html",
        {
            "cards": [(card, sources.get(card.code or "", "")) for card in cards],
            "countries": countries,
            "choices": list(dict.fromkeys([*destinations.in_order(), *countries])),
            "saved_at": now,
        },
    )
