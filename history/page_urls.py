"""Addresses of the pages and fragments that show how rates moved."""

from django.urls import path

from history import pages

urlpatterns = [
    path("rates", pages.rates_now, name="rates-now"),
    path("compare", pages.compare, name="compare"),
    path("currencies/<str:code>", pages.currency, name="currency"),
]
