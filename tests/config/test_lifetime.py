"""config.cache.lifetime: what ends early is not told for longer, whoever reads it and whoever keeps it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from config.api.answers import AnswerStore, _shared_key
from config.cache import generation, lifetime
from config.pages.page import page

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ask = RequestFactory()


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_without_an_end_the_usual_life_stands(noon):
    with lifetime.watched() as limit:
        pass

    assert (limit.is_set, limit.within(60)) == (False, 60)


def test_the_first_of_several_ends_counts(noon):
    with lifetime.watched() as limit:
        lifetime.ends_at(NOON + timedelta(seconds=50))
        lifetime.ends_at(NOON + timedelta(seconds=20.9))
        lifetime.ends_at(NOON + timedelta(days=1))

    assert (limit.within(60), limit.within(10)) == (20, 10)


def test_what_has_ended_already_is_not_told_again(noon):
    with lifetime.watched() as limit:
        lifetime.ends_at(NOON - timedelta(seconds=1))

    assert limit.within(60) == 0


def test_a_part_that_ends_early_ends_the_whole(noon):
    with lifetime.watched() as whole:
        with lifetime.watched() as part:
            lifetime.ends_at(time.time() + 5)
        with lifetime.watched() as other:
            pass

    assert (whole.within(60), part.within(60), other.within(60)) == (5, 5, 60)


def test_outside_of_any_making_nothing_happens():
    lifetime.ends_at(NOON)


def test_a_page_is_kept_no_longer_than_what_is_on_it_holds(noon):
    made: list[None] = []

    @page(seconds=3600)
    def view(request: HttpRequest) -> HttpResponse:
        made.append(None)
        lifetime.ends_at(NOON + timedelta(seconds=30))
        return HttpResponse(str(len(made)))

    first = view(ask.get("/ending"))
    noon.shift(timedelta(seconds=29))
    second = view(ask.get("/ending"))
    noon.shift(timedelta(seconds=1))
    third = view(ask.get("/ending"))

    assert (first.content, second.content, third.content) == (b"1", b"1", b"2")
    assert first["Cache-Control"] == "public, max-age=30"


def test_who_is_told_a_kept_page_late_may_keep_it_for_what_is_left(noon):
    @page(seconds=60)
    def view(request: HttpRequest) -> HttpResponse:
        lifetime.ends_at(NOON + timedelta(seconds=30))
        return HttpResponse("ending")

    view(ask.get("/told-late"))
    noon.shift(timedelta(seconds=29))

    assert view(ask.get("/told-late"))["Cache-Control"] == "public, max-age=1"


def test_a_page_read_from_a_replica_that_may_lag_is_made_again_soon(noon, settings):
    settings.HAS_REPLICA = True
    made: list[None] = []

    @page(seconds=300)
    def view(request: HttpRequest) -> HttpResponse:
        made.append(None)
        return HttpResponse(str(len(made)))

    generation.move_on()
    early = view(ask.get("/lagging"))
    noon.shift(timedelta(seconds=4))
    later = view(ask.get("/lagging"))

    assert (early.content, early["Cache-Control"]) == (b"1", "public, max-age=3")
    assert (later.content, later["Cache-Control"]) == (b"2", "public, max-age=300")


def test_the_shared_cache_has_a_page_no_longer_than_it_may_be_told(noon, settings):
    settings.CACHE_IS_SHARED = True

    @page(seconds=60)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("shared")

    view(ask.get("/shared"))
    key = "/shared?|ko"
    assert AnswerStore().past(key) is not None

    if settings.TEST_STACK == "services":  # Redis has a clock of its own
        assert 0 < cast(Any, cache).ttl(_shared_key(key)) <= 60
    else:
        noon.shift(timedelta(seconds=61))
        assert AnswerStore().past(key) is None


def test_a_page_around_a_kept_part_ends_with_it(noon):
    @page(seconds=3600)
    def part(request: HttpRequest) -> HttpResponse:
        lifetime.ends_at(NOON + timedelta(seconds=30))
        return HttpResponse("part")

    @page(seconds=3600)
    def whole(request: HttpRequest) -> HttpResponse:
        return HttpResponse(part(ask.get("/part")).content)

    part(ask.get("/part"))  # kept by now
    noon.shift(timedelta(seconds=10))

    assert whole(ask.get("/whole"))["Cache-Control"] == "public, max-age=20"
