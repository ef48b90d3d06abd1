"""What every page is held to: kept, told once, in the language of its address, and never a bare error."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path
from django.utils import translation

from config.api.errors import ApiError
from config.cache import generation
from config.pages import fragments
from config.pages.page import page

ask = RequestFactory()


def counted(**options: Any) -> tuple[Callable[..., HttpResponse], list[str]]:
    """A page that notes each time it is made."""
    made: list[str] = []

    @page(**options)
    def view(request: HttpRequest) -> HttpResponse:
        made.append(request.GET.urlencode())
        return HttpResponse(f"page {len(made)}")

    return view, made


def test_a_page_is_made_once_and_told_again_until_its_figures_change():
    view, made = counted()
    first, second = view(ask.get("/x")), view(ask.get("/x"))
    assert (first.content, second.content, len(made)) == (b"page 1", b"page 1", 1)

    generation.move_on()

    assert view(ask.get("/x")).content == b"page 2"


def test_each_language_has_a_page_of_its_own():
    view, made = counted()
    with translation.override("ko"):
        view(ask.get("/x"))
    with translation.override("en"):
        view(ask.get("/x"))

    assert len(made) == 2


def test_marks_that_links_gather_on_their_way_make_no_other_page():
    view, made = counted(parameters=("period",))
    view(ask.get("/x?period=1y"))
    view(ask.get("/x?fbclid=abc&period=1y&utm_source=kakao"))

    assert made == ["period=1y"]


def test_such_marks_are_not_handed_on_to_who_comes_next(client, db):
    client.get("/trip?countries=JP,TH&fbclid=somebody")
    page = client.get("/trip?countries=JP,TH").content.decode()

    assert 'hreflang="en" href="/en/trip?countries=JP,TH"' in page
    assert "somebody" not in page


def test_the_order_in_which_one_name_is_given_twice_means_something():
    view, made = counted(parameters=("from", "to"))
    view(ask.get("/x?to=KRW&from=USD&from=EUR"))
    view(ask.get("/x?from=USD&from=EUR&to=KRW"))
    view(ask.get("/x?from=EUR&from=USD&to=KRW"))

    assert made == ["from=USD&from=EUR&to=KRW", "from=EUR&from=USD&to=KRW"]


def test_who_has_the_page_already_is_told_so_without_its_bytes():
    view, _ = counted()
    etag = view(ask.get("/x"))["ETag"]

    again = view(ask.get("/x", headers={"If-None-Match": etag}))

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)


def test_a_page_that_is_not_kept_is_nobody_elses_to_keep():
    view, made = counted(is_kept=False)
    view(ask.get("/x"))
    answer = view(ask.get("/x"))

    assert (len(made), answer["Cache-Control"]) == (2, "private, no-cache")


@pytest.mark.parametrize(
    ("trouble", "status", "words"),
    [
        (ApiError("INVALID_PERIOD", "no such period", expected="1w, 1m"), 400, ["no such period", "1w, 1m"]),
        (Http404(), 404, ["이 주소에는 페이지가 없습니다."]),
        (OperationalError(2006, "gone"), 503, ["지금은 데이터를 읽을 수 없습니다."]),
    ],
    ids=["refused", "not there", "database out"],
)
def test_what_cannot_be_shown_is_a_page_that_says_why(trouble, status, words):
    @page()
    def view(request: HttpRequest) -> HttpResponse:
        raise trouble

    answer = view(ask.get("/x"))

    assert (answer.status_code, answer["Cache-Control"]) == (status, "no-store")
    assert all(word in answer.content.decode() for word in words)
    assert "gone" not in answer.content.decode()


def test_a_page_can_be_read_and_nothing_else(client, db):
    assert client.post("/about").status_code == 405


@pytest.mark.parametrize(("address", "language"), [("/about", "ko"), ("/en/about", "en")])
def test_the_language_of_a_page_is_its_address_whatever_the_browser_prefers(client, db, address, language):
    answer = client.get(address, headers={"Accept-Language": "en" if language == "ko" else "ko"})

    assert answer["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.content.decode()


def test_a_page_says_where_it_is_in_the_other_language_with_its_question(client, db):
    page = client.get("/convert?from=USD&to=KRW&amount=5").content.decode()

    assert 'hreflang="en" href="/en/convert?from=USD&amp;to=KRW&amp;amount=5"' in page


def test_an_address_that_nobody_has_is_a_page_with_a_way_back(client, db):
    answer = client.get("/en/nothing/here")

    assert answer.status_code == 404
    assert 'href="/en/"' in answer.content.decode()


def test_an_address_that_cannot_be_taken_apart_is_a_page_with_a_way_back(client, db):
    answer = client.get("/en/trip?" + "a&" * 2000)

    assert answer.status_code == 400
    assert 'href="/en/"' in answer.content.decode()


def test_pages_run_nothing_inline_and_nothing_but_the_admin_compiles_expressions(client, db):
    policies = {address: client.get(address)["Content-Security-Policy"] for address in ("/", "/admin/login/")}

    assert all("unsafe-inline" not in policy for policy in policies.values())
    assert "script-src 'self';" in policies["/"]
    assert "'unsafe-eval'" in policies["/admin/login/"]


def test_pages_load_from_where_static_files_are_and_from_nowhere_else(client, db, settings):
    settings.STATIC_URL = "https://static.travel.example.com/"

    policies = [client.get(address)["Content-Security-Policy"] for address in ("/about", "/api/docs")]

    for policy in policies:
        assert "script-src 'self' https://static.travel.example.com;" in policy
        assert "font-src 'self' https://static.travel.example.com;" in policy
        assert "default-src 'none'" in policy
    # The worker fetches what it keeps; the manifest and the worker itself are ours.
    assert "connect-src 'self' https://static.travel.example.com;" in policies[0]
    assert "manifest-src 'self'; worker-src 'self';" in policies[0]


def _breaks(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def _stands(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>{request.GET['period']}</p>")


urlpatterns = [
    path("breaks", _breaks, name="breaks"),
    path("stands", _stands, name="stands"),
    path("", _stands, name="home"),
]


@pytest.mark.urls(__name__)
def test_a_fragment_is_what_its_address_answers():
    assert fragments.rendered(ask.get("/"), "stands", period="daily") == "<p>daily</p>"


@pytest.mark.urls(__name__)
def test_a_fragment_that_breaks_leaves_a_word_and_the_page_stands():
    told = fragments.rendered(ask.get("/"), "breaks")

    assert "이 부분은 지금 보여 드릴 수 없습니다." in told
