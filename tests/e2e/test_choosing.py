"""From a question to countries side by side, and the ranking that has counted them."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE
from tests.e2e.site import Site

COUNTED = (
    "import json; from ranking.stores import store; from ranking.window import seoul_day;"
    "from django.utils import timezone; day = seoul_day(timezone.now());"
    "print(json.dumps({code: [count.selections, count.visitors]"
    " for code, count in store().counts([day])[day].items()}))"
)


@pytest.fixture(scope="module")
def site(own_site: Site) -> Site:
    return own_site


def ask(page: Page, question: str) -> None:
    """Type, and wait until what stands below answers just that."""
    box = page.get_by_role("searchbox", name="나라 또는 통화")
    box.fill("")
    box.press_sequentially(question)
    expect(page.locator(f'#found [data-q="{question}"]')).to_be_visible()


def tray(page: Page):
    return page.get_by_role("region", name="비교할 나라")


def add(page: Page, country: str) -> None:
    """By the pointer: the box itself is out of sight, its row is what one presses."""
    page.locator("#found label", has_text=country).first.click()


@pytest.mark.parametrize("look", [{}, PHONE], ids=["desktop", "phone"])
def test_three_countries_found_in_three_ways_are_compared(open_page, look):
    page = open_page("/", **look)

    ask(page, "일본")
    add(page, "일본")
    ask(page, "thai")
    add(page, "태국")
    ask(page, "ㅁㄱ")
    expect(page.locator("#found-count")).to_contain_text("나라")
    add(page, "미국")

    expect(tray(page).get_by_role("status")).to_have_text("미국 담았습니다. 5곳 중 3곳.")
    expect(tray(page).locator("[data-count]")).to_have_text("3")
    tray(page).get_by_role("button", name="비교하기").click()
    expect(page).to_have_url(re.compile(r"/compare\?countries=JP,TH,US$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("일본")
    for country in ("일본", "태국", "미국"):
        expect(page.get_by_role("heading", name=country, level=2)).to_be_visible()


def test_the_ranking_has_counted_once_though_the_page_was_opened_twice(open_page, site):
    page = open_page("/compare?countries=VN,PH", user_agent="a visitor who comes twice")
    expect(page.get_by_text("2개 나라를 오늘 순위에 반영했습니다.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("오늘 순위에 반영했습니다.")).to_have_count(0)

    page.goto("/rankings")
    for country in ("베트남", "필리핀"):
        expect(page.get_by_role("rowheader", name=country)).to_be_visible()
    counted = json.loads(site.manage("shell", "-v", "0", "-c", COUNTED).splitlines()[-1])
    assert (counted["VN"], counted["PH"]) == ([1, 1], [1, 1])


def test_tabs_show_other_periods_in_their_place(open_page):
    page = open_page("/compare?countries=SG", user_agent="a visitor to Singapore")
    page.goto("/")
    popular = page.locator("#popular")
    popular.get_by_role("link", name="최근 7일").click()

    expect(popular.get_by_role("link", name="최근 7일")).to_have_attribute("aria-current", "true")
    expect(popular.locator("li").first).to_be_visible()
    # The keyboard is where it was, and the page is the same one.
    expect(popular.get_by_role("link", name="최근 7일")).to_be_focused()
    expect(page).to_have_url(re.compile("/$"))


def test_the_keyboard_alone_is_enough(open_page):
    page = open_page("/")
    page.get_by_role("searchbox", name="나라 또는 통화").focus()
    page.keyboard.type("달러")
    expect(page.locator('#found [data-q="달러"]')).to_be_visible()

    # To the second result and back to the first; both are added, one by each key.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox", name="나라 또는 통화")).to_be_focused()
    # Enter takes the best match, though it is still on its way.
    page.keyboard.press("Control+A")
    page.keyboard.type("일본")
    page.keyboard.press("Enter")
    expect(tray(page).locator("[data-count]")).to_have_text("3")

    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('[data-go]')"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/compare\?countries=US,TW,JP$"))


def test_a_sixth_country_is_refused_until_one_is_removed(open_page):
    page = open_page("/")
    for country in ("일본", "베트남", "중국", "필리핀", "태국"):
        page.locator(".often label", has_text=country).first.click()
    expect(tray(page).locator("[data-count]")).to_have_text("5")

    sixth = page.locator(".often label", has_text="미국")
    sixth.click()
    expect(tray(page).get_by_role("status")).to_have_text(
        "5곳까지 비교할 수 있습니다. 미국 담으려면 한 곳을 빼 주세요."
    )
    expect(sixth.get_by_role("checkbox")).not_to_be_checked()
    tray(page).get_by_role("button", name="베트남 빼기").click()
    expect(page.locator(".often label", has_text="베트남").get_by_role("checkbox")).not_to_be_checked()
    sixth.click()

    tray(page).get_by_role("button", name="비교하기").click()
    expect(page).to_have_url(re.compile(r"/compare\?countries=JP,CN,PH,TH,US$"))


def test_what_was_chosen_is_there_on_other_pages_and_in_the_other_language(open_page):
    page = open_page("/")
    page.locator(".rate-card", has_text="유로").get_by_role("checkbox", name="유럽 연합").check(force=True)
    page.goto("/rankings")
    expect(tray(page)).to_contain_text("유럽 연합")

    page.goto("/en/")

    expect(page.get_by_role("region", name="Countries to compare")).to_contain_text("European Union")


def test_without_a_script_the_form_goes_the_same_way(open_page):
    page = open_page("/", java_script_enabled=False)
    for question, country in (("ㅇㅂ", "일본"), ("thai", "태국"), ("미국", "미국")):
        page.get_by_role("searchbox", name="나라 또는 통화").fill(question)
        page.get_by_role("button", name="검색").click()
        add(page, country)

    # What was ticked before came along.
    expect(tray(page).get_by_role("checkbox", name="일본")).to_be_checked()
    expect(tray(page).get_by_role("checkbox", name="태국")).to_be_checked()
    tray(page).get_by_role("button", name="비교하기").click()

    expect(page).to_have_url(re.compile(r"/compare\?.*countries=US"))
    for country in ("일본", "태국", "미국"):
        expect(page.get_by_role("heading", name=country, level=2)).to_be_visible()


def test_a_search_that_does_not_answer_says_so(open_page):
    page = open_page("/")
    page.route("**/search?part=results*", lambda route: route.abort())

    page.get_by_role("searchbox", name="나라 또는 통화").press_sequentially("일본")

    expect(tray(page).get_by_role("status")).to_have_text(
        "지금은 검색할 수 없습니다. 잠시 뒤 다시 시도해 주세요."
    )
    page.context.watch.troubles.clear()
