"""Addresses below /api/v1/."""

from django.urls import path

from currency import views

urlpatterns = [
    path("currencies", views.Currencies.as_view(), name="currencies"),
    path("currencies/latest", views.Latest.as_view(), name="latest"),
    path("currencies/convert", views.Convert.as_view(), name="convert"),
    path("currencies/<str:code>", views.CurrencyNow.as_view(), name="currency"),
]
