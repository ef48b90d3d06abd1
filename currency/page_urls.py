"""Addresses of the pages and fragments that currencies and prices have."""

from django.urls import path

from currency import convert_pages, pages, trip_pages

urlpatterns = [
    path("search", pages.search, name="search"),
    path("convert", convert_pages.convert, name="convert"),
    path("cheapest", pages.cheapest, name="cheapest"),
    path("trip", trip_pages.trip, name="trip"),
]
