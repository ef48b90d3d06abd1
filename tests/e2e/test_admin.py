"""The operators' admin in a browser: every kind of page without a word in the console, and the journeys."""

import re
import time
from base64 import b32decode
from collections.abc import Iterator
from typing import Any

import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE, barriers, visitor
from tests.e2e.site import Site

PASSWORD = "a password of the tests"
_PEOPLE = f"""
from django.contrib.auth.models import Group, User
boss = User.objects.create_superuser("boss", password="{PASSWORD}")
for name in ("lee", "park"):
    user = User.objects.create_user(name, password="{PASSWORD}", is_staff=True)
    user.groups.add(Group.objects.get(name="administrator"))
"""
LISTS = [
    "currency/exchangerate/",
    "currency/latestrate/",
    "history/dailyrate/",
    "history/forecastbacktest/",
    "currency/currency/",
    "currency/destination/",
    "currency/provider/",
    "currency/paymentchannel/",
    "currency/channelterms/",
    "currency/priceobservation/",
    "ingestor/collectionlog/",
    "ingestor/quarantinedrate/",
    "ranking/dailycount/",
    "ranking/selection/",
    "api/apikey/",
    "auth/user/",
    "auth/group/",
    "otp_totp/totpdevice/",
    "axes/accessattempt/",
    "admin/logentry/",
    "django_celery_beat/periodictask/",
    "django_celery_beat/crontabschedule/",
    "platform/deadletter/",
]
FORMS = [
    "currency/currency/add/",
    "currency/currency/USD/change/",
    "currency/provider/ecb/change/",
    "currency/channelterms/add/",
    "currency/priceobservation/import/",
    "api/apikey/add/",
    "auth/user/add/",
    "auth/user/1/change/",
    "auth/user/1/password/",
    "auth/group/add/",
    "django_celery_beat/periodictask/add/",
    "django_celery_beat/crontabschedule/add/",
    "django_celery_beat/intervalschedule/add/",
    "second-factor/",
    "password_change/",
]


@pytest.fixture(scope="module")
def site(own_site: Site) -> Site:
    return own_site


@pytest.fixture(scope="module", autouse=True)
def people(site: Site) -> None:
    site.manage("shell", "-v0", "-c", _PEOPLE)


def log_in(page: Page, name: str) -> None:
    page.goto("/admin/login/")
    page.get_by_label("사용자 이름").fill(name)
    page.get_by_label("비밀번호").fill(PASSWORD)
    page.get_by_role("button", name="로그인").click()


@pytest.fixture(scope="module")
def logged_in(chromium: Browser, site: Site) -> Iterator[Page]:
    with visitor(chromium, site.address) as context:
        page = context.new_page()
        log_in(page, "boss")
        page.wait_for_url(re.compile("/admin/$"))
        yield page


@pytest.fixture
def desk(logged_in: Page) -> Iterator[Page]:
    """A superuser's browser, the same for all; at a test's end nothing may have been said in the console."""
    yield logged_in
    assert (troubles := logged_in.context.watch.taken()) == [], troubles  # type: ignore[attr-defined]


def test_every_kind_of_page_opens_with_an_empty_console(desk):
    opened = [desk.goto(f"/admin/{path}").status for path in (*LISTS, *FORMS)]

    assert opened == [200] * (len(LISTS) + len(FORMS))


def test_english_pages_do_as_well(desk):
    desk.goto("/en/admin/currency/exchangerate/")

    expect(desk.get_by_role("link", name="Export CSV")).to_be_visible()
    expect(desk.get_by_placeholder("Code or name")).to_be_visible()


def test_lists_fit_a_phone(chromium, site):
    with visitor(chromium, site.address, color_scheme="dark", **PHONE) as context:
        page = context.new_page()
        log_in(page, "boss")
        for path in ("currency/exchangerate/", "api/apikey/", "second-factor/"):
            page.goto(f"/admin/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_rate_is_found_by_its_korean_name_and_taken_away(desk):
    desk.goto("/admin/currency/exchangerate/")
    desk.get_by_placeholder("코드 또는 이름").fill("일본")
    desk.keyboard.press("Enter")
    expect(desk.locator("#result_list tbody tr").first).to_contain_text("JPY")

    with desk.expect_download() as file:
        desk.get_by_role("link", name="CSV 내보내기").click()

    lines = file.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) > 5000  # a trading day a line, since 1999
    assert {line.split(",")[2] for line in lines[1:]} == {"JPY"}


def test_pages_lead_to_older_rows_and_back(desk):
    desk.goto("/admin/currency/exchangerate/?q=USD")
    first = desk.locator("#result_list tbody tr").first.inner_text()

    desk.get_by_role("link", name="더 이전").click()
    expect(desk.get_by_text("2쪽")).to_be_visible()
    assert desk.locator("#result_list tbody tr").first.inner_text() != first
    desk.get_by_role("link", name="더 최근").click()

    expect(desk.locator("#result_list tbody tr").first).to_have_text(re.compile("USD"))


def test_a_list_is_filtered_by_source_and_day(desk):
    desk.goto("/admin/currency/exchangerate/")
    desk.locator("a", has_text="필터").first.click()
    desk.get_by_label("하루만 보기").fill("2024-01-05")
    desk.get_by_role("button", name="보기", exact=True).click()

    expect(desk).to_have_url(re.compile("day=2024-01-05"))
    expect(desk.locator("#result_list tbody tr").first).to_contain_text("2024년 1월 5일")


def test_a_provider_is_disabled_and_enabled_with_a_reason(desk):
    for action, why in (("disable", "시험 중지"), ("enable", "시험 재개")):
        desk.goto("/admin/currency/provider/")
        desk.locator("tr", has_text="ecb").locator("input.action-select").check()
        desk.locator("select[name=action]").select_option(action)
        desk.locator("button[name=index]").click()
        expect(desk.get_by_text("ecb")).to_be_visible()
        desk.get_by_label("사유").fill(why)
        desk.get_by_role("button", name=re.compile("제공처")).click()
        expect(desk.get_by_text(re.compile("1건"))).to_be_visible()
    desk.goto("/admin/admin/logentry/")

    expect(desk.get_by_text("시험 재개")).to_be_visible()


def test_a_date_is_picked_from_the_calendar(desk):
    desk.goto("/admin/api/apikey/add/")
    desk.locator("[id^=calendarlink]").first.click()
    desk.locator(".calendarbox").get_by_role("link", name="내일").click()

    assert re.fullmatch(r"\d{4}-\d\d-\d\d", desk.locator("[name=expiry_date_0]").input_value())


def test_a_popup_opens_without_a_word(desk):
    desk.goto("/admin/currency/channelterms/add/")
    with desk.context.expect_page() as popup:
        desk.locator("a.add-related").first.dispatch_event("click")

    expect(popup.value.locator("[name=name_ko]")).to_be_visible()
    popup.value.close()


def test_prices_show_their_differences_before_they_are_written(desk, tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text(
        "country,item,price,currency,observed_on,source,source_url\n"
        "JP,coffee,450,JPY,2026-10-01,an operator,https://example.com/a\n"
    )
    desk.goto("/admin/currency/priceobservation/import/")
    desk.locator("[name=import_file]").set_input_files(file)
    desk.get_by_role("button", name="보내기").click()

    expect(desk.locator("ins", has_text="450")).to_be_visible()


def test_a_second_factor_is_switched_on_asked_for_and_switched_off(chromium, site):
    with visitor(chromium, site.address) as context:
        page = context.new_page()
        log_in(page, "lee")
        page.goto("/admin/second-factor/")
        expect(page.get_by_alt_text("비밀 키의 QR 코드")).to_be_visible()
        secret = b32decode(page.locator(".second-factor-secret").inner_text().replace(" ", ""))
        page.get_by_label("인증 코드").fill(_code(secret))
        page.get_by_role("button", name="켜기").click()
        expect(page.get_by_text("2단계 인증이 켜져 있습니다.")).to_be_visible()

    with visitor(chromium, site.address) as context:
        page = context.new_page()
        log_in(page, "lee")
        expect(page.get_by_text("두 번째 단계")).to_be_visible()
        page.get_by_label("인증 코드").fill(_code(secret, steps=1))  # the next one: each is good once
        page.get_by_role("button", name="계속").click()
        page.wait_for_url(re.compile("/admin/$"))

    # An administrator takes it off again.
    with visitor(chromium, site.address) as context:
        page = context.new_page()
        log_in(page, "park")
        page.goto("/admin/otp_totp/totpdevice/")
        page.locator("tr", has_text="lee").locator("input.action-select").check()
        page.locator("select[name=action]").select_option("remove")
        page.locator("button[name=index]").click()
        page.get_by_label("사유").fill("휴대전화 분실")
        page.get_by_role("button", name="제거").click()
        expect(page.get_by_text(re.compile("1명의 2단계 인증을 제거"))).to_be_visible()

    with visitor(chromium, site.address) as context:
        page = context.new_page()
        log_in(page, "lee")
        page.wait_for_url(re.compile("/admin/$"))


def _code(secret: bytes, steps: int = 0) -> str:
    totp = TOTP(secret)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def test_guessing_ends_at_a_page_that_says_when_it_opens(chromium, site):
    with visitor(chromium, site.address) as context:
        page = context.new_page()
        for _ in range(5):
            page.goto("/admin/login/")
            page.get_by_label("사용자 이름").fill("nobody")
            page.get_by_label("비밀번호").fill("guess")
            page.get_by_role("button", name="로그인").click()
        expect(page.get_by_text("15분이 지나면 저절로 풀립니다")).to_be_visible()
        # 429 is what this page is answered with, and the browser says so.
        watch: Any = context.watch  # type: ignore[attr-defined]
        watch.troubles = [each for each in watch.troubles if "429" not in each]


def test_pages_are_accessible(desk):
    paths = (
        "currency/exchangerate/",
        "currency/currency/",
        "currency/currency/USD/change/",
        "second-factor/",
    )
    found = {}
    for path in paths:
        desk.goto(f"/admin/{path}")
        desk.wait_for_load_state("networkidle")
        found[path] = barriers(desk)

    assert found == {path: [] for path in paths}


def test_the_login_is_accessible(open_page):
    assert barriers(open_page("/admin/login/")) == []
