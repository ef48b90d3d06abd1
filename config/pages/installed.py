"""The site as an installed app: its manifest, and the worker that keeps the trip card for later."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The Web App Manifest, in the language of its address."""
    told = {
        "name": _("Currency Travel"),
        "short_name": _("Currency Travel"),
        "description": _("Official exchange rates of the won, prices abroad, and where everybody is going."),
        "lang": translation.get_language(),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f7f5",
        "theme_color": "#0a6b5b",
        "icons": [
            {"src": static("site/icons/icon.svg"), "type": "image/svg+xml", "sizes": "any"},
            {"src": static("site/icons/icon-192.png"), "type": "image/png", "sizes": "192x192"},
            {"src": static("site/icons/icon-512.png"), "type": "image/png", "sizes": "512x512"},
            {
                "src": static("site/icons/icon-512.png"),
                "type": "image/png",
                "sizes": "512x512",
                "purpose": "maskable",
            },
        ],
    }
    response = JsonResponse(told, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's script, at the root so that its scope is the whole site."""
    script = (settings.BASE_DIR / "config" / "pages" / "service-worker.js").read_text(encoding="utf-8")
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response
