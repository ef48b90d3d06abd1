"""What every HTML page gets: a strict Content-Security-Policy."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_POLICY = (
    "default-src 'none'; script-src {own}{eval}; style-src {own}; img-src {own} data:; font-src {own}; "
    "connect-src {own}; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def own_sources() -> str:
    """Where pages load from, as a policy says it: here, and wherever static files are."""
    place = urlsplit(settings.STATIC_URL)
    return f"'self' {place.scheme}://{place.netloc}" if place.netloc else "'self'"


class ContentSecurityPolicy:
    """Middleware: pages load nothing from elsewhere and run nothing inline."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._pages = _POLICY.format(own=own_sources(), eval="")
        # The admin's theme is written in Alpine expressions, which are compiled when a page is shown.
        # docs/decisions/0013-the-admin-alone-compiles-expressions.md
        self._admin = _POLICY.format(own=own_sources(), eval=" 'unsafe-eval'")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_admin = request.path_info.startswith(reverse("admin:index"))
        response.headers.setdefault("Content-Security-Policy", self._admin if is_admin else self._pages)
        return response
