"""About the data: where figures come from, how they are worked with, what was wrong with them."""

import json
import re
import xml.etree.ElementTree as ET

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PHONE
from tests.e2e.site import Site

#: What a night without a publication leaves behind: the ECB's history ends on 30 October 2026.
MISS = """
from datetime import UTC, datetime
from ingestor import health
health.tell_overdue(datetime(2026, 11, 3, tzinfo=UTC))
"""


@pytest.fixture(scope="module")
def site(own_site: Site) -> Site:
    return own_site


@pytest.fixture(scope="module", autouse=True)
def _missed(site):
    """Before the first visit: another process's writing shows when a kept page ends."""
    site.manage("shell", "-v", "0", "-c", MISS)


def test_a_visitor_finds_every_source_with_its_age_and_its_terms(open_page):
    page = open_page("/about")

    ecb = page.locator("#source-ecb")
    expect(ecb.get_by_role("heading")).to_contain_text("유럽중앙은행")
    expect(ecb).to_contain_text("최신 고시일")
    expect(ecb.get_by_role("link", name="Source: European Central Bank")).to_be_visible()
    credit = page.get_by_role("link", name="Rates By Exchange Rate API")
    expect(credit).to_have_attribute("href", "https://www.exchangerate-api.com")
    expect(page.locator("#source-bigmac")).to_contain_text("71개 나라")


def test_a_method_is_read_and_the_language_switch_keeps_it(open_page):
    page = open_page("/about")
    page.get_by_role("link", name="전망은 어떻게 만들고, 얼마나 믿을 수 있나").click()
    expect(page).to_have_url(re.compile("[0-9]/about/methods/forecast$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("전망은 어떻게 만들고, 얼마나 믿을 수 있나")

    page.get_by_role("link", name="English").click()

    expect(page).to_have_url(re.compile("/en/about/methods/forecast$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "How the forecast is made, and how far it may be believed"
    )
    page.get_by_role("link", name="How rankings are made").click()
    expect(page).to_have_url(re.compile("/en/about/methods/ranking$"))


def test_a_wide_table_scrolls_within_a_phone_and_by_keyboard(open_page):
    page = open_page("/about/methods/forecast", **PHONE)

    table = page.get_by_role("region", name="왜 이 방법인가")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert table.evaluate("one => one.scrollWidth > one.clientWidth")
    table.focus()
    page.keyboard.press("ArrowRight")

    table.evaluate("one => new Promise(done => one.scrollLeft > 0 ? done() : one.onscrollend = done)")
    assert table.evaluate("one => one.scrollLeft") > 0


def test_an_incident_is_on_the_page_and_in_both_feeds(open_page, site):
    page = open_page("/en/about")
    feeds = {
        link.get_attribute("type"): link.get_attribute("href")
        for link in page.locator("head link[rel=alternate][type]").all()
    }
    title = "European Central Bank: the rates of November 2, 2026 did not arrive"
    expect(page.get_by_role("heading", name=title)).to_be_visible()

    atom = httpx.get(site.address + feeds["application/atom+xml"])
    told = httpx.get(site.address + feeds["application/feed+json"])

    entry = ET.fromstring(atom.content).find("{http://www.w3.org/2005/Atom}entry")  # noqa: S314 - our own
    assert entry is not None
    assert entry.findtext("{http://www.w3.org/2005/Atom}title") == title
    [item] = json.loads(told.content)["items"]
    assert item["title"] == title
    page.goto(item["url"])
    expect(page.locator("li:target")).to_contain_text(title)


def test_everything_can_be_read_without_scripts(open_page):
    page = open_page("/about", java_script_enabled=False)

    page.get_by_role("link", name="정정과 장애", exact=True).click()

    expect(page.locator(".about-notices")).to_contain_text("2026년 11월 2일 고시가 오지 않음")
