"""Addresses below /api/v1/."""

from django.urls import path

from currency import price_views, quote_views, views

urlpatterns = [
    path("currencies", views.Currencies.as_view(), name="currencies"),
    path("currencies/latest", views.Latest.as_view(), name="latest"),
    path("currencies/quote", quote_views.ChannelQuote.as_view(), name="quote"),
    path("currencies/convert", views.Convert.as_view(), name="convert"),
    path("currencies/price-index", price_views.PriceIndex.as_view(), name="price-index"),
    path("currencies/price-index/ranking", price_views.PriceRanking.as_view(), name="price-ranking"),
    path("price-index", price_views.PriceIndexAlias.as_view(), name="price-index-alias"),
    path("currencies/<str:code>", views.CurrencyNow.as_view(), name="currency"),
]
