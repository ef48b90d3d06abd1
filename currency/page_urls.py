"""Addresses of the pages and fragments that currencies and prices have."""

from django.urls import path

from currency import convert_pages, price_pages, search_pages, trip_pages

urlpatterns = [
    path("search", search_pages.search, name="search"),
    path("convert", convert_pages.convert, name="convert"),
    path("cheapest", price_pages.cheapest, name="cheapest"),
    path("trip", trip_pages.trip, name="trip"),
]
