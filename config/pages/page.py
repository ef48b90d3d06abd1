"""A travellers' page: read-only, kept as ready bytes where nobody's visit differs, never a bare 500.

What a page shows depends on its address, its parameters and its language alone, so that it is kept
like an answer of the API (config/api/answers.py), and ends with the generation of rates or rankings.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from config import replica
from config.api.answers import AnswerStore, same_question, store_of, subject_of
from config.api.errors import ApiError, plain_message
from config.cache import generation, lifetime

View = Callable[..., HttpResponse]

log = structlog.get_logger(__name__)
_answers = AnswerStore()


def page(
    *, parameters: tuple[str, ...] = (), seconds: int = 60, is_kept: bool = True
) -> Callable[[View], View]:
    """A view of GET and HEAD that sees only its `parameters` in `request.GET`.

    Others are dropped, not refused: links that are passed on gather marks of where they were found.
    The answer may be told again for `seconds`; with `is_kept` False each visit is a page of its own.
    An ApiError, a database that is out and a page that is not there become pages that say so.
    """

    def decorate(view: View) -> View:
        @csrf_exempt  # nothing is changed here; without it a POST is told 403, not 405
        @require_safe
        @gzip_page
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **path: Any) -> HttpResponse:
            request.GET = _only(parameters, request.GET)  # type: ignore[assignment]
            # Its links to itself have no others either: who comes next may be told the same page.
            request.META = {**request.META, "QUERY_STRING": request.GET.urlencode(safe=",")}
            try:
                if is_kept:
                    return _kept(request, lambda: view(request, *args, **path), seconds)
                response = view(request, *args, **path)
            except (ApiError, Http404, OperationalError, InterfaceError) as exc:
                return refused(request, exc)
            response.headers.setdefault("Cache-Control", "private, no-cache")
            return response

        return shown

    return decorate


def refused(request: HttpRequest, exc: Exception) -> HttpResponse:
    """The page that says what was wrong, what is accepted, and where to go on."""
    status, message, expected = _told(exc)
    if status >= 500:
        log.error("page_unavailable", path=request.path, error=type(exc).__name__)
    response = render(
        request,
        "site/refused.html",
        {"status": status, "message": message, "expected": expected},
        status=status,
    )
    response["Cache-Control"] = "no-store"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return refused(request, Http404())


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: an address that cannot even be taken apart."""
    request.GET = QueryDict()
    request.META = {**request.META, "QUERY_STRING": ""}
    return refused(request, ApiError("MALFORMED_REQUEST", plain_message("MALFORMED_REQUEST")))


def broken(request: HttpRequest) -> HttpResponse:
    """Django's handler500; the incident itself is in the log."""
    return refused(request, RuntimeError())


def _told(exc: Exception) -> tuple[int, str, str]:
    if isinstance(exc, ApiError):
        return exc.status, exc.message, str(exc.details.get("expected", ""))
    if isinstance(exc, Http404):
        return 404, _("There is no page at this address."), ""
    if isinstance(exc, OperationalError | InterfaceError):
        return 503, _("The data cannot be read at the moment. Try again in a minute."), ""
    return 500, _("Something went wrong on our side. The incident has been recorded."), ""


def _only(parameters: tuple[str, ...], given: QueryDict) -> QueryDict:
    known = QueryDict(mutable=True)
    for name in parameters:
        if values := given.getlist(name):
            known.setlist(name, values)
    return known


def _kept(request: HttpRequest, make: Callable[[], HttpResponse], seconds: int) -> HttpResponse:
    key = f"{request.path}?{same_question(request.GET.urlencode())}|{get_language()}"
    found = _answers.current(key, time.time())
    if found is None:
        with _answers.flight(key):
            found = _answers.current(key, time.time())
            if found is None:
                number, now = generation.current(subject_of(key)), time.time()
                with replica.reading(), lifetime.watched() as limit:
                    response = make()
                if response.status_code != 200:
                    return response
                headers = {"Content-Type": response["Content-Type"]}
                if disposition := response.get("Content-Disposition"):
                    headers["Content-Disposition"] = disposition
                life = replica.life(limit.within(seconds), generation=number, now=now)
                if limit.is_set or life < seconds:
                    # Stays with what is kept: whoever tells it again must not tell it for longer.
                    headers["Cache-Control"] = f"public, max-age={life}"
                stored = store_of(response.content, headers, number=number, max_age=life, now=now)
                # Pages tell nothing of the past, and what people type has no end.
                _answers.keep(key, stored, seconds=life)
                found = stored, "database"
    stored, _tier = found
    response = HttpResponse(stored.body, headers=dict(stored.headers))
    response["ETag"] = stored.etag
    if "Cache-Control" in response:
        lifetime.ends_at(stored.fresh_until)  # of the page that this is a part of
        seconds = max(0, int(stored.fresh_until - time.time()))
    response["Cache-Control"] = f"public, max-age={seconds}"
    if request.headers.get("If-None-Match") == stored.etag:
        return HttpResponse(
            status=304, headers={"ETag": stored.etag, "Cache-Control": response["Cache-Control"]}
        )
    return response


def forget() -> None:
    """Keep nothing of what this process has shown."""
    global _answers
    _answers = AnswerStore()
