"""Parts of a page that belong to another app: asked for by the name of their address.

Apps do not know each other's pages. A page that shows what several apps tell asks each for its
fragment, an address like any other; a browser asks for the same address when only that part changes.
A fragment that fails leaves a word of regret in its place, and the rest of the page stands.
"""

from copy import copy
from urllib.parse import urlencode

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, QueryDict
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.safestring import SafeString

log = structlog.get_logger(__name__)


def rendered(request: HttpRequest, name: str, **query: object) -> SafeString:
    """The fragment at the address called `name`, as part of the page that `request` asks for.

    Raises: NoReverseMatch for a name that no address has.
    """
    address = reverse(name)
    part = copy(request)
    part.method = "GET"
    part.path = part.path_info = address
    part.META = {key: told for key, told in request.META.items() if key not in _OF_THE_PAGE}
    part.__dict__.pop("headers", None)  # cached of the page's own
    part.GET = QueryDict(urlencode({key: str(told) for key, told in query.items()}))
    found = resolve(address)
    try:
        response = found.func(part, *found.args, **found.kwargs)
    except DatabaseError as exc:
        log.error("fragment_failed", fragment=name, error=type(exc).__name__)
        return _regret(request, address)
    except Exception as exc:
        log.error("fragment_failed", fragment=name, exc_info=exc)
        return _regret(request, address)
    if response.status_code != 200:
        return _regret(request, address)
    return SafeString(response.content.decode())  # rendered by our own templates


#: Headers about the page as a whole: a part must not answer 304 or gzip to them.
_OF_THE_PAGE = frozenset({"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING"})


def _regret(request: HttpRequest, address: str) -> SafeString:
    return render_to_string("site/fragment_out.html", {"address": address}, request)
