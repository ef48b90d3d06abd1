"""Countries beside each other: what money, coffee and a burger cost there, and how the rates moved."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from config.pages.page import page


@page(parameters=("countries", "period", "scale"), is_kept=False)
def compare(request: HttpRequest) -> HttpResponse:
    return render(request, "site/base.html")
