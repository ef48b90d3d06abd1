"""The trip card: rates one can read abroad, without a network."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page()
def trip(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")
