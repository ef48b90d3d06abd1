"""Where everybody is going: the ranking as a page and as a part of others, and the counting of openings."""

import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.admission import Door
from config.api.errors import ApiError, plain_message
from config.api.query import Choice, Query, WholeNumber
from config.client_address import client_address
from config.pages.page import page
from ranking import demo, opening, results
from ranking.recording import InvalidSelection
from ranking.stores import KeyReused, StoreUnavailable
from ranking.window import PERIODS

#: Places of the part that other pages show, and of one page of the whole.
_FIRST = 7
_A_PAGE = 20
#: Seconds: a choice shows within ten.
_LIFE = 5
#: As many as a page compares.
_MOST_OPENED = 5
#: The limit of selections is one, whether they come by the API or by a page.
_LIKE = "/api/v1/rankings/update"

log = structlog.get_logger(__name__)
_door = Door()


class _PopularQuery(Query):
    period = Choice(PERIODS, error_code="INVALID_PERIOD", default="daily")


class _RankingsQuery(_PopularQuery):
    page = WholeNumber(default=1, min_value=1, max_value=1000)


@dataclass(frozen=True, slots=True)
class _Place:
    """One country; `bar` is its share of the leader's score in percent, `moved` a number of places."""

    rank: int
    country: str
    score: int
    percentage: float
    bar: float
    change: str
    moved: int


@page(parameters=("period",), seconds=_LIFE)
def popular(request: HttpRequest) -> HttpResponse:
    """The first places of a period, with tabs for the others. Where the store is out it says so."""
    period = _PopularQuery.read(request.GET, {})["period"]
    told: dict[str, Any] = {"period": period, "tabs": _tabs(), "is_out": False, "places": [], "more": False}
    try:
        snapshot = results.ranking(period, now=timezone.now())
    except StoreUnavailable as exc:
        log.error("popular_unavailable", error=type(exc).__name__)
        told["is_out"] = True
    else:
        told["places"] = _places(snapshot)[:_FIRST]
        told["more"] = len(snapshot["ranking"]) > _FIRST
        told["is_demo"] = demo.is_seeded()
    return render(request, "ranking/popular.html", told)


@page(parameters=("period", "page"), seconds=_LIFE)
def rankings(request: HttpRequest) -> HttpResponse:
    """All places of a period. Where the store is out the page says so, as 503."""
    asked = _RankingsQuery.read(request.GET, {})
    try:
        snapshot = results.ranking(asked["period"], now=timezone.now())
        is_demo = demo.is_seeded()
    except StoreUnavailable as exc:
        raise ApiError("DATABASE_UNAVAILABLE", plain_message("DATABASE_UNAVAILABLE")) from exc
    places, number = _places(snapshot), asked["page"]
    pages = max(1, -(-len(places) // _A_PAGE))
    if number > pages:
        raise Http404
    return render(
        request,
        "ranking/rankings.html",
        {
            "period": asked["period"],
            "tabs": _tabs(),
            "places": places[(number - 1) * _A_PAGE : number * _A_PAGE],
            "totals": snapshot["totals"],
            "first": date.fromisoformat(snapshot["window"]["from"]),
            "last": date.fromisoformat(snapshot["window"]["to"]),
            "calculated_at": datetime.fromisoformat(snapshot["calculated_at"]),
            "counts_visitors": snapshot["method"].startswith("visitors"),
            "is_demo": is_demo,
            "number": number,
            "pages": pages,
        },
    )


@page(parameters=("countries",), is_kept=False)
def chosen(request: HttpRequest) -> HttpResponse:
    """Count the countries of a page that somebody has just opened; a line where that changed anything.

    Whatever goes wrong, the page it is a part of does not.
    """
    counted = 0
    if opening.is_by_a_person(request.META):
        countries = request.GET.get("countries", "").upper().split(",")[:_MOST_OPENED]
        try:
            counted = _count(request, countries)
        except (StoreUnavailable, InvalidSelection, KeyReused, DatabaseError) as exc:
            log.warning("opening_not_counted", error=type(exc).__name__)
    if not counted:
        return HttpResponse("")
    return render(request, "ranking/chosen.html", {"counted": counted})


def _count(request: HttpRequest, countries: list[str]) -> int:
    address = client_address(request.META, trusted_proxies=settings.TRUSTED_PROXIES)

    def admit(amount: int) -> bool:
        now = time.time()
        admission = _door.admit("POST", _LIKE, authorization="", address=address, language="ko", now=now)
        if admission.refusal is not None:
            return False
        return amount == 1 or _door.charge(admission, amount - 1, language="ko", now=now)[1] is None

    return opening.count_opening(
        countries,
        address=address,
        agent=request.META.get("HTTP_USER_AGENT", ""),
        now=timezone.now(),
        admit=admit,
    )


def _tabs() -> list[tuple[str, str]]:
    return [("daily", _("Today")), ("weekly", _("7 days")), ("monthly", _("30 days"))]


def _places(snapshot: dict[str, Any]) -> list[_Place]:
    places = snapshot["ranking"]
    most = max((place["score"] for place in places), default=1)
    return [
        _Place(
            rank=place["rank"],
            country=place["country_code"],
            score=place["score"],
            percentage=place["percentage"],
            bar=100 * place["score"] / most,
            change=place["change"],
            moved=abs(place["change_value"] or 0),
        )
        for place in places
    ]
