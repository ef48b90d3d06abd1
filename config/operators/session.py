"""How long an operator stays logged in: an hour without a click, half a day at most.

And with what: a session that never showed a code ends once its operator has a second factor, and
where one is required there is nothing but the page to set it up until there is.
"""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

_BEGAN, _SEEN = "began_at", "seen_at"
_SEOUL = ZoneInfo("Asia/Seoul")
#: The session is written once in so many seconds, not at every click.
_PRECISION = 60
#: Open to whoever has still to set the second factor up.
_ALWAYS_OPEN = ("admin:second-factor", "admin:logout", "admin:jsi18n", "admin:login", "admin:login-code")


def begin(request: HttpRequest, **_: Any) -> None:
    """At a login: the session's age counts from now."""
    request.session[_BEGAN] = request.session[_SEEN] = int(time.time())


def is_good(request: HttpRequest) -> bool:
    """Whether an operator's session may act outside of the admin's pages: these would let it go on as well."""
    return not (
        _is_over(request, int(time.time())) or _owes_a_code(request) or _owes_a_second_factor(request)
    )


def _is_over(request: HttpRequest, now: int) -> bool:
    began, seen = request.session.get(_BEGAN, 0), request.session.get(_SEEN, 0)
    return bool(
        now - began > settings.OPERATOR_SESSION_SECONDS or now - seen > settings.OPERATOR_IDLE_SECONDS
    )


def _owes_a_code(request: HttpRequest) -> bool:
    from config.operators import second_factor

    return second_factor.SHOWN not in request.session and second_factor.device_of(request.user) is not None


def _owes_a_second_factor(request: HttpRequest) -> bool:
    from config.operators import second_factor

    user: Any = request.user
    return second_factor.SHOWN not in request.session and second_factor.is_required_of(user)


class OperatorSession:
    """Middleware, for the admin's addresses alone; where SERVES_ADMIN is off there are none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(reverse("admin:index")):
            return self.get_response(request)
        if not settings.SERVES_ADMIN:
            raise Http404
        if request.user.is_authenticated:
            elsewhere = self._elsewhere(request, int(time.time()))
            if elsewhere is not None:
                return _lead(request, elsewhere)
            # Operators read the clock of Seoul; what is stored and exported stays in UTC.
            with timezone.override(_SEOUL):
                return self.get_response(request)
        return self.get_response(request)

    def _elsewhere(self, request: HttpRequest, now: int) -> str | None:
        """Where this session has to go instead; None where it may go on."""
        if _is_over(request, now):
            return _log_out(request, _("You were logged out: nothing was done here for too long."))
        if now - request.session.get(_SEEN, 0) >= _PRECISION:
            request.session[_SEEN] = now
        if _owes_a_code(request):
            return _log_out(request, _("A second factor was switched on: log in with it."))
        if request.path_info not in map(reverse, _ALWAYS_OPEN) and _owes_a_second_factor(request):
            return reverse("admin:second-factor")
        return None


def _log_out(request: HttpRequest, why: str) -> str:
    logout(request)
    messages.info(request, why)
    back = {"next": request.get_full_path()} if request.method == "GET" and not _is_fragment(request) else {}
    return f"{reverse('admin:login')}?{urlencode(back)}" if back else reverse("admin:login")


def _lead(request: HttpRequest, address: str) -> HttpResponse:
    if _is_fragment(request):
        # htmx would follow a redirect and put the whole page where a part of one belongs.
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
