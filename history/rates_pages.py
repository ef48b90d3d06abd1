"""Rates of the currencies people ask for, each with its last thirty days."""

from django.http import HttpRequest, HttpResponse

from config.pages.page import page


@page()
def rates_now(request: HttpRequest) -> HttpResponse:
    return HttpResponse("rates")
