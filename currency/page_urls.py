"""Addresses of the pages and fragments that currencies and prices have."""

from django.urls import path

from currency import pages

urlpatterns = [
    path("search", pages.search, name="search"),
    path("convert", pages.convert, name="convert"),
    path("cheapest", pages.cheapest, name="cheapest"),
    path("trip", pages.trip, name="trip"),
]
