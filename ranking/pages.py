from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page()
def rankings(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")


@page(parameters=("period",))
def popular(request: HttpRequest) -> HttpResponse:
    return HttpResponse("popular")


@page(parameters=("countries",), is_kept=False)
def chosen(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
