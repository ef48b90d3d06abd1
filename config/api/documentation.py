"""/api/schema and /api/docs: the OpenAPI document, and a page that renders it without any CDN.

drf-spectacular is imported on the first request for either: it costs half a second that no other
request should wait for. The gate keeps the document like any other answer.
"""

from functools import lru_cache
from typing import Any

import orjson
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from config.pages.policy import own_sources

# As strict as every other page, only that Swagger UI shows inline images.
_POLICY = (
    "default-src 'none'; script-src {own}; style-src {own}; img-src {own} data:; "
    "font-src {own}; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of everything the service answers."""
    from config.api.schema import Generator

    with translation.override("en"):  # whoever asks first
        schema: dict[str, Any] = Generator().get_schema(request=None, public=True)
    return schema


def _takes_no_parameters(request: HttpRequest) -> None:
    # Each unknown query string would be stored as an answer of its own.
    if request.GET:
        raise BadRequest


@csrf_exempt  # nothing is changed here; without it a POST is told 403, not 405
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    _takes_no_parameters(request)
    body = orjson.dumps(document())
    return HttpResponse(
        body,
        content_type="application/vnd.oai.openapi+json",
        headers={"Cache-Control": "public, max-age=3600"},
    )


@csrf_exempt
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    _takes_no_parameters(request)
    response = render(request, "api_docs.html", {"title": "Currency Travel Service API"})
    response["Content-Security-Policy"] = _POLICY.format(own=own_sources())
    response["Cache-Control"] = "public, max-age=3600"
    return response


@csrf_exempt
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    _takes_no_parameters(request)
    return HttpResponse(
        _SCRIPT,
        content_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


_SCRIPT = """\
window.addEventListener("load", function () {
  window.ui = SwaggerUIBundle({
    url: "/api/schema",
    dom_id: "#docs",
    deepLinking: true,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
  });
});
"""
