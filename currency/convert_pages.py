"""Convert: an amount in another money, and what one will really pay for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page()
def convert(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")
