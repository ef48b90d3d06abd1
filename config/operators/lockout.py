"""A login that is guessed at: after a few failures of one name from one address nobody gets in for a while."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from config.client_address import client_address


def address(request: HttpRequest) -> str:
    """The caller's address as the limits of the API see it; of an IPv6 home its network."""
    return client_address(request.META, trusted_proxies=settings.TRUSTED_PROXIES).partition("/")[0]


def is_locked(request: HttpRequest, username: str) -> bool:
    from axes.handlers.proxy import AxesProxyHandler

    return not AxesProxyHandler.is_allowed(request, {"username": username})


def locked(request: HttpRequest, answer: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """The page that says so, and when to try again."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "minutes": seconds // 60}
    page = render_to_string("operators/locked.html", context, request)
    return HttpResponse(page, status=429, headers={"Retry-After": str(seconds), "Cache-Control": "no-store"})
