"""Addresses below /api/v1/."""

from django.urls import path

from history import views

urlpatterns = [
    path("history", views.History.as_view(), name="history"),
    path("history/forecast/<str:code>", views.Forecast.as_view(), name="forecast"),
]
