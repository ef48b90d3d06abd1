from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page()
def currency(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "site/base.html")
