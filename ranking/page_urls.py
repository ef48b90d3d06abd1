"""Addresses of the pages and fragments that rankings have."""

from django.urls import path

from ranking import pages

urlpatterns = [
    path("rankings", pages.rankings, name="rankings"),
    path("rankings/popular", pages.popular, name="popular"),
    path("rankings/chosen", pages.chosen, name="chosen"),
]
