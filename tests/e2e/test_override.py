"""A rate set by hand: seen before it is set, told everywhere with its end, and gone when it is ended.

The ECB's dollar of 30 October 2026 is 1,335.27 won.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import barriers, visitor
from tests.e2e.site import Site

PASSWORD = "a password of the tests"
_OPERATOR = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("kim", password="{PASSWORD}")
"""
_NOTED = """
from django.contrib.admin.models import LogEntry
for one in LogEntry.objects.order_by("pk"): print(one.user.username, "|", one.get_change_message())
"""
CONVERT = "/convert?from=USD&to=KRW&amount=100"


@pytest.fixture(scope="module")
def site(own_site: Site) -> Site:
    return own_site


@pytest.fixture
def desk(chromium: Browser, site) -> Iterator[Page]:
    """The list of rates set by hand, with the operator logged in."""
    site.manage("shell", "-v0", "-c", _OPERATOR)
    with visitor(chromium, site.address) as context:
        page = context.new_page()
        page.goto("/admin/login/?next=/admin/currency/rateoverride/")
        page.locator("[name=username]").fill("kim")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        expect(page).to_have_url(re.compile("/admin/currency/rateoverride/"))
        yield page


def told(site: Site) -> dict[str, Any]:
    answer = httpx.get(f"{site.address}/api/v1/currencies/latest?symbols=USD&details=true").json()
    return {"rate": answer["data"]["rates"]["USD"], **answer["data"]["details"]["USD"]}


def test_a_rate_is_set_told_everywhere_with_its_end_and_ended(site, desk, open_page):
    assert (told(site)["rate"], told(site)["provider"]) == (1335.266738, "ecb")
    desk.goto("/admin/currency/rateoverride/add/?currency=USD")
    desk.get_by_label("원화 환율").fill("1500")
    desk.get_by_label("사유").fill("고시가 잘못되었습니다")
    desk.get_by_role("button", name="무엇이 바뀌는지 보기").click()

    # 1,500 is 12.34 % above it: that has to be meant.
    expect(desk.get_by_role("row").filter(has_text="유럽중앙은행")).to_contain_text("+12.34%")
    expect(desk.get_by_role("alert")).to_contain_text("5% 넘게 다릅니다")
    assert barriers(desk, "main, form") == []
    desk.get_by_role("button", name="이 환율로 지정").click()
    expect(desk.get_by_text("맞다면 이 항목을 선택해 주세요")).to_be_visible()
    desk.get_by_label("차이가 커도 이대로 지정합니다").check()
    desk.get_by_role("button", name="이 환율로 지정").click()
    expect(desk.get_by_text("지정했습니다: 1 USD = 1,500.00원")).to_be_visible()
    expect(desk.get_by_role("row").filter(has_text="1 USD")).to_contain_text("적용 중")

    now = told(site)
    assert (now["rate"], now["provider"], now["override"]["currencies"]) == (1500, "operator", ["USD"])
    page = open_page(CONVERT)
    expect(page.locator("main")).to_contain_text("150,000")
    expect(page.locator("main")).to_contain_text(re.compile(r"운영자 지정 · 20\d\d\. .*까지 \(서울\)"))
    page.goto("/en" + CONVERT)
    expect(page.locator("main")).to_contain_text(re.compile(r"set by operators, until .* \(Seoul\)"))

    desk.get_by_role("link", name="지금 끝내기").click()
    desk.get_by_label("사유").fill("고시가 고쳐졌습니다")
    desk.get_by_role("button", name="지금 끝내기").click()
    expect(desk.get_by_text("다시 고시 환율을 알립니다")).to_be_visible()

    assert (told(site)["rate"], "override" in told(site)) == (1335.266738, False)
    page = open_page(CONVERT)
    expect(page.locator("main")).to_contain_text("133,527")
    expect(page.locator("main")).not_to_contain_text("운영자")
    noted = site.manage("shell", "-v0", "-c", _NOTED)
    assert re.search(
        r"kim \| USD 1단위를 1500원으로 지정|kim \| .*1단위를 1500원으로 지정 — 고시가 잘못되었습니다", noted
    )
    assert "kim | 직접 지정한 환율을 끝냄 — 고시가 고쳐졌습니다" in noted


def test_the_public_record_tells_of_it(site, open_page):
    page = open_page("/about")

    expect(page.locator("main")).to_contain_text("1,500")
