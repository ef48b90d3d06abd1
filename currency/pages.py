from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page()
def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse("search")


@page()
def convert(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")


@page()
def cheapest(request: HttpRequest) -> HttpResponse:
    return HttpResponse("cheapest")


@page()
def trip(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")
