from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page()
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")
