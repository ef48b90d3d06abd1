"""The public record as feeds, Atom 1.0 and JSON Feed 1.1, in the language of their address.

Their addresses are absolute, so they are not kept like pages, which know no host; one query each.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import format_html_join
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page

from config.pages.page import page
from ingestor import notices
from ingestor.notice_words import Told, told

#: Entries of a feed, those that changed last.
ENTRIES = 50
_SECONDS = 300

View = Callable[[HttpRequest], HttpResponse]


def _feed(view: View) -> View:
    """An answer that others may keep for some minutes, and ask for again by its ETag."""

    @page(is_kept=False)
    @conditional_page
    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Cache-Control"] = f"public, max-age={_SECONDS}"
        return response

    return shown


def _title() -> str:
    return _("Currency Travel: corrections and incidents")


def _entries() -> list[Told]:
    now = timezone.now()
    return [told(notice, now=now) for notice in notices.last_changed(ENTRIES)]


def _address(entry: Told) -> str:
    return f"{reverse('about')}#notice-{entry.pk}"


class NoticesFeed(Feed[Told, None]):
    """An entry keeps its id; its `updated` is when its facts last changed."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _title()

    def subtitle(self) -> str:
        return _("Rates that were revised, held back, late or set by hand, as it happens.")

    def author_name(self) -> str:
        return _("Currency Travel")

    def link(self) -> str:
        return reverse("about")

    def feed_url(self) -> str:
        return reverse("notices-atom")

    def items(self) -> list[Told]:
        return _entries()

    def item_title(self, item: Told) -> str:
        return item.title

    def item_description(self, item: Told) -> str:
        return format_html_join("", "<p>{}</p>", ((line,) for line in item.text.splitlines()))

    def item_link(self, item: Told) -> str:
        return _address(item)

    def item_guid(self, item: Told) -> str:
        return item.public_id

    def item_pubdate(self, item: Told) -> datetime:
        return item.started_at

    def item_updateddate(self, item: Told) -> datetime:
        return item.updated_at

    def item_categories(self, item: Told) -> tuple[str, ...]:
        return (item.kind,)


@_feed
def atom(request: HttpRequest) -> HttpResponse:
    return NoticesFeed()(request)


@_feed
def json(request: HttpRequest) -> HttpResponse:
    def absolute(path: str) -> str:
        return request.build_absolute_uri(path)

    entries: list[dict[str, Any]] = [
        {
            "id": one.public_id,
            "url": absolute(_address(one)),
            "title": one.title,
            "content_text": one.text,
            "date_published": _rfc3339(one.started_at),
            "date_modified": _rfc3339(one.updated_at),
            "tags": [one.kind],
        }
        for one in _entries()
    ]
    return JsonResponse(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _title(),
            "home_page_url": absolute(reverse("about")),
            "feed_url": absolute(reverse("notices-json")),
            "description": _("Rates that were revised, held back, late or set by hand, as it happens."),
            "language": get_language(),
            "authors": [{"name": _("Currency Travel")}],
            "items": entries,
        },
        content_type="application/feed+json; charset=utf-8",
        json_dumps_params={"ensure_ascii": False},
    )


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
