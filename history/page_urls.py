"""Addresses of the pages and fragments that show how rates moved."""

from django.urls import path

from history import compare_pages, pages, rates_pages

urlpatterns = [
    path("rates", rates_pages.rates_now, name="rates-now"),
    path("compare", compare_pages.compare, name="compare"),
    path("currencies/<str:code>", pages.currency, name="currency"),
]
