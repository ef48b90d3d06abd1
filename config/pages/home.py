"""The first page: a search, and what each app has to tell."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page(is_kept=False)  # its parts are kept, each for as long as its own figures last
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "site/home.html")
