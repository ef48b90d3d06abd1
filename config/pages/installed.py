"""The site as an installed app: its manifest, and the worker that keeps the trip card for later."""

import hashlib
import json

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


#: What every page is drawn with; what the card needs besides, the worker reads from the card.
_FRAME = (
    "site/site.css",
    "site/theme.js",
    "site/site.js",
    "site/icons/icon.svg",
    "django_htmx/htmx-2.min.js",
)
_SCRIPT = settings.BASE_DIR / "config" / "pages" / "service-worker.js"


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker's script, at the root so that its scope is the whole site.

    Its cache is named after itself and the (hashed) names of the files: a deployment begins a new one.
    """
    script = _SCRIPT.read_text(encoding="utf-8")
    files = [static(name) for name in _FRAME]
    named = hashlib.blake2b("\n".join([*files, script]).encode(), digest_size=6).hexdigest()
    release = {
        "cache": f"site-{named}",
        "cards": _in_every_language("trip"),
        "files": files,
        "static": settings.STATIC_URL,
        # Nothing of these is kept, or replaced by a card.
        "apart": ["/api/", "/health", "/version", *_in_every_language("admin:index").values()],
    }
    response = HttpResponse(
        f"const RELEASE = {json.dumps(release)};\n{script}", content_type="text/javascript; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache"
    return response


def _in_every_language(name: str) -> dict[str, str]:
    addresses = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            addresses[language] = reverse(name)
    return addresses
