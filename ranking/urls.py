"""The ranking endpoints, under /api/v1/."""

from django.urls import path

from ranking import views

urlpatterns = [
    path("rankings", views.Rankings.as_view(), name="rankings"),
    path("rankings/selections", views.Selections.as_view(), name="ranking-selections"),
    path("rankings/update", views.Update.as_view(), name="ranking-update"),
    path("rankings/calculate", views.Calculate.as_view(), name="ranking-calculate"),
    path("rankings/stats/<str:country>", views.CountryStatistics.as_view(), name="ranking-statistics"),
]
