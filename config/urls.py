"""Where everything is. Apps are named as strings: the platform imports none of them."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health
from config.api import documentation

urlpatterns = [
    path("api/v1/", include("currency.urls")),
    path("api/v1/", include("history.urls")),
    path("api/v1/", include("ranking.urls")),
    path("api/schema", documentation.schema, name="schema"),
    path("api/docs", documentation.page, name="docs"),
    path("api/docs/script.js", documentation.script, name="docs-script"),
    path("health", health.Health.as_view(), name="health"),
    path("health/live", health.Live.as_view(), name="health-live"),
    path("health/ready", health.Ready.as_view(), name="health-ready"),
    path("version", health.Version.as_view(), name="version"),
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="docs")),
]
