"""What every HTML page gets: a strict Content-Security-Policy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

_POLICY = (
    "default-src 'none'; script-src 'self'{eval}; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
PAGES = _POLICY.format(eval="")
#: The admin's theme is written in Alpine expressions, which are compiled when a page is shown.
#: docs/decisions/0013-the-admin-alone-compiles-expressions.md
ADMIN = _POLICY.format(eval=" 'unsafe-eval'")


class ContentSecurityPolicy:
    """Middleware: pages load nothing from elsewhere and run nothing inline."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_admin = request.path_info.startswith(reverse("admin:index"))
        response.headers.setdefault("Content-Security-Policy", ADMIN if is_admin else PAGES)
        return response
