"""Pages about the data: where it comes from, how old it is, how it is worked with, what went wrong."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from config.pages.page import page
from ingestor import about as data
from ingestor import methods, notices
from ingestor.notice_words import told

#: Notices on the page; the feeds go back further.
_NOTICES = 20


@page()
def about(request: HttpRequest) -> HttpResponse:
    """Four queries."""
    now = timezone.now()
    return render(
        request,
        "ingestor/about.html",
        {
            "now": now,
            "rate_sources": data.rate_sources(now),
            "price_sources": data.price_sources(),
            "without_rate": data.without_rate(),
            "notices": [told(notice, now=now) for notice in notices.newest(_NOTICES)],
            "methods": methods.methods(_language()),
        },
    )


@page(seconds=3600)
def method(request: HttpRequest, slug: str) -> HttpResponse:
    """No query."""
    try:
        found = methods.method(slug, _language())
    except KeyError as exc:
        raise Http404 from exc
    others = [one for one in methods.methods(_language()) if one.slug != slug]
    return render(request, "ingestor/method.html", {"method": found, "others": others})


def _language() -> str:
    return get_language() or "ko"
