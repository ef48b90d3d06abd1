"""Addresses below /api/v1/."""

from django.urls import path

from history import analysis_views, views

urlpatterns = [
    path("history", views.History.as_view(), name="history"),
    path("history/stats", analysis_views.Stats.as_view(), name="stats"),
    path("history/compare", analysis_views.Compare.as_view(), name="compare"),
    path("history/forecast/<str:code>", views.Forecast.as_view(), name="forecast"),
]
