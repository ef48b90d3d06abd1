from django.http import HttpRequest, HttpResponse

from config.pages.page import page


@page()
def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse("search")


@page()
def cheapest(request: HttpRequest) -> HttpResponse:
    return HttpResponse("cheapest")
