"""Where everything is. Apps are named as strings: the platform imports none of them."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from config import health
from config.api import documentation
from config.operators import control_room
from config.pages import home, installed

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
    path("service-worker.js", installed.service_worker, name="service-worker"),
    # Pages: Korean at /…, English at /en/….
    *i18n_patterns(
        path("", home.home, name="home"),
        path("manifest.webmanifest", installed.manifest, name="manifest"),
        path("", include("currency.page_urls")),
        path("", include("history.page_urls")),
        path("", include("ranking.page_urls")),
        path("", include("ingestor.page_urls")),
        path("admin/control-room/", admin.site.admin_view(control_room.refreshed), name="control-room"),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]

handler400 = "config.pages.page.unreadable"
handler404 = "config.pages.page.not_found"
handler500 = "config.pages.page.broken"
