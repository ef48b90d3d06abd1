"""Addresses of the pages and fragments that show how rates moved."""

from django.urls import path

from history import compare_pages, currency_pages, rates_pages

urlpatterns = [
    path("rates", rates_pages.rates_now_part, name="rates-now"),
    path("compare", compare_pages.compare, name="compare"),
    path("compare/cards", compare_pages.cards, name="compare-cards"),
    path("compare/chart", compare_pages.chart, name="compare-chart"),
    path("currencies/<str:code>", currency_pages.currency, name="currency"),
    path("rates/window", currency_pages.window, name="currency-window"),
    path("rates/day", currency_pages.day, name="currency-day"),
    path("currencies/<str:code>/rates.csv", currency_pages.rates_csv, name="currency-csv"),
]
