"""Finding a country or a currency while one types."""

from django.http import HttpRequest, HttpResponse

from config.pages.page import page


@page()
def search(request: HttpRequest) -> HttpResponse:
    return HttpResponse("search")
