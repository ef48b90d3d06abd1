"""An operator's day: an outage is seen, a held rate released, days are filled in, a key is issued and used."""

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE, barriers, visitor
from tests.e2e.site import Site, served
from tests.ingestor.playing import on_an_ordinary_day, weeks_since_then
from tests.ingestor.provider_server import Answer, ProviderServer
from tests.ingestor.samples import zipped

DAILY, WHOLE = "/stats/eurofxref/eurofxref-daily.xml", "/stats/eurofxref/eurofxref-hist.zip"
PASSWORD = "a password of the tests"
_OPERATOR = f"""
from django.contrib.auth.models import Group, User
kim = User.objects.create_user("kim", password="{PASSWORD}", is_staff=True)
kim.groups.add(Group.objects.get(name="operator"))
"""
#: A week that was never collected, so it seems.
_LOSE_A_WEEK = """
from datetime import date
from currency.models import ExchangeRate
from history.models import DailyRate
week = (date(2026, 10, 12), date(2026, 10, 16))
ExchangeRate.objects.filter(source="ecb", rate_date__range=week).delete()
DailyRate.objects.filter(source="ecb", rate_date__range=week).delete()
"""
_LOG = """
from django.contrib.admin.models import LogEntry
for one in LogEntry.objects.order_by("pk"): print(one.user.username, "|", one.get_change_message())
"""


@pytest.fixture(scope="module")
def ecb() -> Iterator[ProviderServer]:
    server = ProviderServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def site(database, ecb) -> Iterator[Site]:
    with served(database, PROVIDER_ECB_URL=ecb.url) as site:
        site.manage("shell", "-v0", "-c", _OPERATOR + _LOSE_A_WEEK)
        yield site


@pytest.fixture(scope="module")
def logged_in(chromium: Browser, site: Site) -> Iterator[Page]:
    with visitor(chromium, site.address) as context:
        page = context.new_page()
        page.goto("/admin/")
        page.locator("[name=username]").fill("kim")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        expect(page.locator("#panel-collection")).to_be_visible()
        yield page


@pytest.fixture
def desk(logged_in: Page) -> Iterator[Page]:
    """The control room, with the operator logged in: one browser for all."""
    logged_in.goto("/admin/")
    yield logged_in
    assert (troubles := logged_in.context.watch.taken()) == [], troubles  # type: ignore[attr-defined]


@pytest.fixture(
    scope="module", params=[{}, {**PHONE, "color_scheme": "dark"}], ids=["desktop", "phone, dark"]
)
def window(request: pytest.FixtureRequest, chromium: Browser, site: Site, logged_in: Page) -> Iterator[Page]:
    """The same operator's, of another look."""
    kept = logged_in.context.storage_state()
    with visitor(chromium, site.address, storage_state=kept, **request.param) as context:
        yield context.new_page()


def ecb_is_down(ecb: ProviderServer) -> None:
    ecb.answer("/*", Answer(body=b"<html>maintenance</html>"))


def ecb_misprints_the_dollar(ecb: ProviderServer) -> None:
    """0.8 dollars for a euro instead of 1.1172, which makes a dollar 40 % dearer."""
    on_an_ordinary_day(ecb, "ecb", weeks_later=weeks_since_then())
    rule = next(rule for rule in ecb._rules if rule.pattern == DAILY)
    ecb.answer(DAILY, Answer(body=rule.answers[0].body.replace(b"rate='1.1172'", b"rate='0.8'")))


def history_of(month: str) -> bytes:
    """The ECB's file of all days, as it ships with a package, cut down to one month."""
    shipped = resources.files("currency_converter").joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(shipped)) as archive:
        lines = archive.read("eurofxref-hist.csv").splitlines(keepends=True)
    return zipped(b"".join([lines[0], *(line for line in lines if line.startswith(month.encode()))]))


def collect(desk: Page, why: str) -> None:
    desk.goto("/admin/")
    desk.locator("#cr-collect-ecb").click()
    desk.get_by_label("사유").fill(why)
    desk.get_by_role("button", name="지금 수집").click()
    expect(desk).to_have_url(re.compile("/admin/$"))


def rates(site: Site) -> dict[str, float]:
    told: dict[str, float] = httpx.get(f"{site.address}/api/v1/currencies/latest").json()["data"]["rates"]
    return told


def bars(site: Site) -> int:
    """Days of the week that was lost which the API has a bar of."""
    query = {"target": "USD", "period": "max", "interval": "daily"}
    told = httpx.get(f"{site.address}/api/v1/history", params=query).json()["data"]["results"]
    return sum("2026-10-12" <= row["date"] <= "2026-10-16" for row in told)


def test_an_operators_day(desk, site, ecb):
    # The provider fails, and the control room says so.
    ecb_is_down(ecb)
    collect(desk, "it is late")
    card = desk.locator(".cr-provider", has=desk.locator("#provider-ecb"))
    expect(card).to_contain_text("마지막 수집 실패")
    expect(card).to_contain_text("ProviderFormatError")
    expect(desk.locator("#panel-collection .cr-state").first).to_have_text("조치 필요")

    # It is back, with a dollar that nobody believes: held back, and the rest published.
    ecb_misprints_the_dollar(ecb)
    collect(desk, "they are back")
    expect(card).not_to_contain_text("마지막 수집 실패")
    expect(desk.locator("#panel-quarantine")).to_contain_text("1 건 대기")
    assert rates(site)["USD"] == pytest.approx(1335.27, abs=0.01)

    # It is released, with a reason, and the API tells it: 1491.76 won for 0.8 dollars.
    desk.locator("#cr-quarantine").click()
    desk.get_by_role("link", name="USD").click()
    expect(desk.locator(".cr-held")).to_contain_text("1,864.70")
    expect(desk.locator(".cr-held")).to_contain_text("1,335.27")
    desk.get_by_role("link", name="공개", exact=True).click()
    desk.get_by_label("사유").fill("the bank has confirmed it")
    desk.get_by_role("button", name="공개", exact=True).click()
    expect(desk.get_by_text("환율 1건을 공개했습니다.")).to_be_visible()
    assert rates(site)["USD"] == pytest.approx(float(Decimal("1491.76") / Decimal("0.8")))

    # A week is missing: seen in the picture, previewed, filled in.
    assert bars(site) == 0
    ecb.answer(WHOLE, Answer(body=history_of("2026-10")))
    desk.goto("/admin/ingestor/collectionlog/gaps/?currency=USD&year=2026&provider=ecb")
    gap = desk.get_by_role("link", name="2026년 10월 12일부터 2026년 10월 16일까지: 5일 누락. 채우기.")
    gap.click()
    expect(desk.get_by_label("시작일")).to_have_value("2026-10-12")
    desk.get_by_label("사유").fill("a week is missing")
    desk.get_by_role("button", name="미리 보기").click()
    preview = desk.locator(".cr-preview")
    expect(preview).to_contain_text("누락된 날")
    expect(preview.locator("div", has_text="누락된 날").locator("dd")).to_have_text("5")
    assert bars(site) == 0
    desk.get_by_role("button", name="채우기 시작").click()
    expect(desk.locator("#backfill-state")).to_have_text("완료", timeout=60_000)
    expect(desk.locator("#backfill")).to_contain_text("100%")
    assert bars(site) == 5
    desk.goto("/admin/ingestor/collectionlog/gaps/?currency=USD&year=2026&provider=ecb")
    expect(gap).to_have_count(0)

    # A key is issued, shown once, and used.
    desk.goto("/admin/api/apikey/add/")
    desk.locator("[name=name]").fill("a travel shop")
    desk.locator("[name=tier]").select_option("premium")
    desk.locator("[name=name]").press("Enter")
    key = desk.locator("code.new-key").inner_text()
    answer = httpx.get(f"{site.address}/api/v1/currencies", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (200, "10000")

    # Every step is on record, with its reason.
    lines = [line.split(" | ") for line in site.manage("shell", "-v0", "-c", _LOG).splitlines()]
    assert {who for who, _ in lines} == {"kim"}
    told = [what for _, what in lines]
    assert told[:4] == [
        "collect now: ecb — it is late",
        "collect now: ecb — they are back",
        "release held rate — the bank has confirmed it",
        "backfill — a week is missing",
    ]
    assert len(told) == 5


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/ingestor/collectionlog/gaps/",
        "/admin/ingestor/backfill/add/",
        "/admin/ingestor/collectionlog/rebuild-bars/",
    ],
)
def test_the_operators_pages_shut_nobody_out(window, path):
    window.goto(path)
    window.wait_for_load_state("networkidle")

    assert barriers(window, "#content") == []
    assert window.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert window.context.watch.taken() == []


def test_the_control_room_renews_itself_and_keeps_the_focus(chromium, site, logged_in):
    with visitor(chromium, site.address, storage_state=logged_in.context.storage_state()) as context:
        desk = context.new_page()
        desk.clock.install()
        desk.goto("/admin/")
        desk.locator("#cr-gaps").focus()
        with desk.expect_response(lambda answer: answer.url.endswith("/admin/control-room/")) as renewed:
            desk.clock.fast_forward(31_000)

        assert renewed.value.ok
        expect(desk.locator("#cr-gaps")).to_be_focused()
