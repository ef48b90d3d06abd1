"""Addresses of the pages about the data: sources, their freshness, methods, corrections."""

from django.urls import path

from ingestor import pages

urlpatterns = [path("about", pages.about, name="about")]
