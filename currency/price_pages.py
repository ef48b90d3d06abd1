"""Where money goes furthest: prices of countries beside each other."""

from django.http import HttpRequest, HttpResponse

from config.pages.page import page


@page()
def cheapest(request: HttpRequest) -> HttpResponse:
    return HttpResponse("cheapest")
