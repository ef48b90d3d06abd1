"""Countries side by side: cards, one chart of all, and what changes it."""

import re

from playwright.sync_api import Page, expect

THREE = "/compare?countries=JP,US,TH"
#: The chart's lines as the script holds them.
LINES = """() => chartOf(document.querySelector('.plot canvas')).data.datasets.map(
  (line, index) => [line.label, line.data[0].y, chartOf(document.querySelector('.plot canvas')).isDatasetVisible(index)])"""


def asked(page: Page) -> list[str]:
    """The addresses asked for from now on, images and the like left out."""
    told: list[str] = []
    page.on(
        "request",
        lambda request: told.append(request.url) if request.resource_type in {"document", "xhr"} else None,
    )
    return told


def test_three_countries_are_three_cards_and_three_lines(turn_to):
    page = turn_to(THREE)

    expect(page.locator(".country")).to_have_count(3)
    expect(page.locator(".country h2")).to_have_text(["일본", "미국", "태국"])
    expect(page.locator(".country").first).to_contain_text("원 / 100 JPY")
    assert [(label, start) for label, start, _ in page.evaluate(LINES)] == [
        ("일본 엔화 (일본)", 100),
        ("미국 달러 (미국)", 100),
        ("태국 바트 (태국)", 100),
    ]


def test_another_period_asks_for_the_chart_alone_and_is_an_address_to_pass_on(turn_to):
    page = turn_to(THREE)
    requests = asked(page)

    page.get_by_role("link", name="5년").click()

    expect(page.locator("figcaption")).to_contain_text("2021년 11월 1일부터 2026년 10월 30일까지")
    assert [re.sub("^.*?/compare", "/compare", one) for one in requests] == [
        "/compare/chart?countries=JP,US,TH&period=5y&scale=index"
    ]
    expect(page).to_have_url(re.compile(r"/compare\?countries=JP,US,TH&period=5y&scale=index$"))
    expect(page.locator("#period-5y")).to_be_focused()
    page.reload()
    expect(page.locator("#period-5y")).to_have_attribute("aria-current", "true")


def test_the_scale_switches_to_won_and_other_links_follow(turn_to):
    page = turn_to(THREE)

    page.get_by_role("link", name="원화").click()

    expect(page.locator("#scale-absolute")).to_have_attribute("aria-current", "true")
    expect(page.locator(".plot canvas")).to_be_visible()
    assert all(start != 100 for _, start, _ in page.evaluate(LINES))
    page.get_by_role("link", name="태국 빼기").click()
    expect(page).to_have_url(re.compile(r"/compare\?countries=JP,US&period=3m&scale=absolute$"))
    expect(page.locator(".country h2")).to_have_text(["일본", "미국"])


def test_a_line_is_taken_away_by_keyboard_and_comes_back(turn_to):
    page = turn_to(THREE)
    name = page.get_by_role("button", name="미국 달러 (미국)")

    name.focus()
    page.keyboard.press("Enter")

    assert [is_shown for _, _, is_shown in page.evaluate(LINES)] == [True, False, True]
    expect(name).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Space")
    assert [is_shown for _, _, is_shown in page.evaluate(LINES)] == [True, True, True]


def test_without_scripts_the_picture_stands_and_the_tabs_are_links(turn_to):
    page = turn_to(THREE, java_script_enabled=False)

    expect(page.locator("svg.picture")).to_be_visible()
    expect(page.locator("svg.picture path.line")).to_have_count(3)
    page.get_by_role("link", name="1년").click()
    expect(page.locator("figcaption")).to_contain_text("2025년 10월 31일부터")


def test_a_country_whose_money_nobody_publishes_is_told_as_such(turn_to):
    page = turn_to("/compare?countries=VN,FR,DE")

    expect(page.locator(".country").first).to_contain_text("고시 환율 없음")
    assert [label for label, _, _ in page.evaluate(LINES)] == ["유로 (프랑스, 독일)"]
