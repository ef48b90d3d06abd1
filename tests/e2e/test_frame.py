"""What every page has: a language, a theme, a way past the menu."""

import re

from playwright.sync_api import expect


def test_the_language_switch_leads_to_the_same_page_in_english_and_back(open_page):
    page = open_page("/about")
    page.get_by_role("link", name="English").click()

    expect(page).to_have_url(re.compile("/en/about$"))
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="한국어").click()
    expect(page).to_have_url(re.compile("[0-9]/about$"))


def test_dark_is_chosen_once_and_stays_on_other_pages(open_page):
    page = open_page("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="밝게 또는 어둡게").click()

    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.goto("/convert")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
