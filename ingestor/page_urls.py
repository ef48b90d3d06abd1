"""Addresses of the pages about the data: sources, their freshness, methods, corrections and incidents."""

from django.urls import path

from ingestor import feeds, pages

urlpatterns = [
    path("about", pages.about, name="about"),
    path("about/methods/<slug:slug>", pages.method, name="method"),
    path("about/notices.atom", feeds.atom, name="notices-atom"),
    path("about/notices.json", feeds.json, name="notices-json"),
]
