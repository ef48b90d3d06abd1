"""Abroad without a network: the last trip card stands in for whatever page is asked for."""

import re
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tests.e2e import browser as browsing
from tests.e2e.browser import PHONE
from tests.e2e.site import served

BANNER = "오프라인 — 마지막으로 본 환율"
_KEPT = """async ([language, address]) => {
    const kept = await caches.match(`/trip-card/${language}`);
    return Boolean(navigator.serviceWorker.controller && kept?.headers.get("x-address").endsWith(address));
}"""


def wait_until_kept(page: Page, address: str, language: str = "ko") -> None:
    """Until the worker has the card of `address`, and this page is its own."""
    for _ in range(100):
        if page.evaluate(_KEPT, [language, address]):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{address} was not kept")


@pytest.fixture
def offline(open_page):
    """`offline("/trip")`: a page that has been seen, after which the network is gone."""

    def after_a_visit_to(path: str, language: str = "ko", **options: Any) -> Page:
        page: Page = open_page(path, **options)
        wait_until_kept(page, path, language)
        page.context.set_offline(True)
        return page

    return after_a_visit_to


def test_the_card_that_was_seen_is_readable_without_a_network(offline):
    page = offline("/trip?countries=US,JP", **PHONE)

    page.reload()

    expect(page.get_by_text(BANNER)).to_be_visible()
    # The ECB's rates of 30 October 2026.
    expect(page.get_by_text("1 USD = 1,335.27 원")).to_be_visible()
    expect(page.get_by_text("100 JPY = 849.13 원")).to_be_visible()
    expect(page.get_by_text("유럽중앙은행 10월 30일 (금) 고시 기준").first).to_be_visible()
    expect(page.get_by_text("에 저장되었습니다")).to_be_visible()
    # Drawn, not bare.
    assert page.locator(".trip-cards").evaluate("card => getComputedStyle(card).display") == "grid"


def test_any_other_page_is_stood_in_for_by_the_card(offline):
    page = offline("/trip?countries=JP")

    for path in ("/", "/about", "/convert?from=KRW&to=JPY&amount=1000"):
        page.goto(path)
        expect(page.get_by_text(BANNER)).to_be_visible()
        expect(page.get_by_text("100 JPY = 849.13 원")).to_be_visible()


def test_the_card_is_readable_in_english_too(offline):
    page = offline("/en/trip?countries=JP", "en")

    page.goto("/en/")

    expect(page.get_by_text("Offline: the rates seen last")).to_be_visible()
    expect(page.get_by_text("100 JPY = 849.13 won")).to_be_visible()


def test_who_never_opened_a_card_has_the_usual_one(open_page):
    page = open_page("/about")
    wait_until_kept(page, "/trip")
    page.context.set_offline(True)

    page.goto("/")

    expect(page.get_by_text("1 USD = 1,335.27 원")).to_be_visible()


def test_the_age_of_the_card_is_told_at_the_time_of_reading(offline):
    page = offline("/trip?countries=JP")
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=3, minutes=5))

    page.reload()

    expect(page.locator("[data-age]")).to_have_text(re.compile("3시간 전"))


def test_with_the_network_back_the_page_is_a_fresh_one(offline):
    page = offline("/trip?countries=JP")
    page.goto("/about")
    expect(page.get_by_text(BANNER)).to_be_visible()

    page.context.set_offline(False)
    page.get_by_role("link", name="다시 시도").click()

    expect(page.get_by_text(BANNER)).to_be_hidden()
    expect(page).to_have_url(re.compile("/about$"))
    expect(page.locator(".trip-cards")).to_have_count(0)


def test_neither_the_admin_nor_the_api_is_ever_stood_in_for(offline):
    page = offline("/trip?countries=JP")

    for path in ("/admin/", "/en/admin/", "/api/v1/currencies/latest"):
        with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
            page.goto(path)


def test_nothing_is_kept_but_cards_and_what_they_are_drawn_with(open_page):
    page = open_page("/trip?countries=JP")
    wait_until_kept(page, "/trip?countries=JP")
    page.goto("/convert")
    page.goto("/api/v1/currencies/latest")

    kept = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat()"""
    )

    assert {path for path in kept if not path.startswith("/static/")} == {"/trip-card/ko", "/trip-card/en"}
    assert any(re.fullmatch(r"/static/currency/trip\.[0-9a-f]{12}\.css", path) for path in kept)


def test_a_site_that_does_not_answer_is_stood_in_for_as_well_with_what_came_from_a_cdn(chromium, database):
    with ExitStack() as running:
        site = running.enter_context(served(database, static_elsewhere=True))
        with browsing.visitor(chromium, site.address) as context:
            page = context.new_page()
            page.goto("/trip?countries=JP")
            wait_until_kept(page, "/trip?countries=JP")
            sheet = page.locator("link[rel=stylesheet]").first.get_attribute("href") or ""
            assert sheet.startswith("http://127.0.0.1")
            running.close()

            page.goto("/")

            expect(page.get_by_text(BANNER)).to_be_visible()
            expect(page.get_by_text("100 JPY = 849.13 원")).to_be_visible()
            # Drawn, not bare.
            assert page.locator(".trip-cards").evaluate("card => getComputedStyle(card).display") == "grid"
            watch: browsing.Watch = context.watch  # type: ignore[attr-defined]
            # Static files are elsewhere here.
            watch.troubles = [trouble for trouble in watch.troubles if "/static/" not in trouble]


@pytest.mark.parametrize(
    "answer",
    [lambda route: route.fulfill(status=503, body="out"), lambda route: None],
    ids=["failing", "silent for eight seconds"],
)
def test_a_site_in_trouble_is_stood_in_for(open_page, answer):
    page = open_page("/trip?countries=JP")
    wait_until_kept(page, "/trip?countries=JP")
    page.context.route("**/about", answer)

    page.goto("/about")

    expect(page.get_by_text(BANNER)).to_be_visible()


def test_a_page_that_is_not_there_is_still_told_so(open_page):
    page = open_page("/trip?countries=JP")
    wait_until_kept(page, "/trip?countries=JP")

    page.goto("/nothing/here")

    expect(page.get_by_text("이 주소에는 페이지가 없습니다.")).to_be_visible()
    page.context.watch.troubles.remove(  # as the browser tells every 404
        "console: Failed to load resource: the server responded with a status of 404 (Not Found)"
    )
