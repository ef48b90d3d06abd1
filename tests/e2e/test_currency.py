"""A currency's page: range, overlays, a day of the past, the file, with and without scripts."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

#: What the script has drawn, and in which colours.
LINES = """() => chartOf(document.querySelector('.plot canvas')).data.datasets.map((line) => line.label)"""
COLOUR = (
    """() => chartOf(document.querySelector('.plot canvas')).getDatasetMeta(0).dataset.options.borderColor"""
)
#: Whether any point of the canvas has exactly the colour of a variable.
PAINTED = """(name) => {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const canvas = document.querySelector('.plot canvas');
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4)
    if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) return true;
  return false;
}"""


#: What the tooltip says, once it is there.
TOOLTIP = """() => new Promise((done) => {
  const { tooltip } = chartOf(document.querySelector('.plot canvas'));
  const look = (tries) => {
    if (tooltip.opacity > 0) done([tooltip.title[0], tooltip.body[0].lines[0].trim()]);
    else if (tries) setTimeout(look, 20, tries - 1);
    else done("no tooltip");
  };
  look(200);
})"""


def lines(page: Page) -> list[str]:
    expect(page.locator(".plot canvas")).to_be_visible()
    told: list[str] = page.evaluate(LINES)
    return told


def test_another_range_changes_the_window_and_its_address(turn_to):
    page = turn_to("/currencies/USD")
    expect(page.locator("#window")).to_contain_text("숫자로 보는 기간: 1년")

    page.get_by_role("link", name="전체", exact=True).click()

    expect(page.locator("#window")).to_contain_text("숫자로 보는 기간: 전체")
    # The shipped file begins on 4 January 1999 with 7,126 fixings up to 30 October 2026.
    expect(page.locator("figcaption")).to_contain_text("7,126거래일을")
    expect(page).to_have_url(re.compile(r"/currencies/USD\?period=max&overlays=forecast$"))
    expect(page.get_by_role("status").filter(has_text="1999년 1월 4일부터")).to_have_count(1)


def test_overlays_are_ticked_on_and_off_and_stay_with_another_range(turn_to):
    page = turn_to("/currencies/USD")
    assert lines(page) == ["미국 달러", "앞으로의 예상 범위", "앞으로의 예상 범위"]

    page.get_by_label("20일 이동평균").check()
    expect(page).to_have_url(re.compile("overlays=sma20,forecast"))
    assert lines(page)[1] == "20일 이동평균"
    page.get_by_label("앞으로의 예상 범위").uncheck()
    expect(page).to_have_url(re.compile("overlays=sma20$"))
    page.get_by_role("link", name="6개월").click()

    expect(page).to_have_url(re.compile(r"period=6m&overlays=sma20$"))
    expect(page.get_by_label("20일 이동평균")).to_be_checked()
    assert lines(page) == ["미국 달러", "20일 이동평균"]


def test_a_day_of_the_past_is_looked_up_and_keeps_the_range(turn_to):
    page = turn_to("/currencies/USD?period=6m")

    page.get_by_label("날짜").fill("2009-03-01")
    page.get_by_role("button", name="찾아보기").click()

    # 1 March 2009 was a Sunday. The ECB on Friday: 1,950.91 won and 1.2644 dollars for a euro.
    expect(page.locator("#day")).to_contain_text("1,542.95")
    expect(page.locator("#day")).to_contain_text("고시가 없어 2009년 2월 27일 환율이 적용되었습니다.")
    expect(page).to_have_url(re.compile(r"period=6m&on=2009-03-01$"))


def test_the_file_is_downloaded_under_a_name_of_its_own(turn_to):
    page = turn_to("/currencies/USD?period=1w")

    with page.expect_download() as download:
        page.get_by_role("link", name="모든 날을 파일로 받기 (CSV)").click()

    assert download.value.suggested_filename == "USD-KRW-1w.csv"
    rows = Path(download.value.path()).read_text().splitlines()
    assert rows[0] == "date,open,high,low,close,unit,source"
    assert rows[-1].startswith("2026-10-30,1335.2667")
    assert len(rows) == 6


def test_dark_repaints_the_chart(open_page):
    page = open_page("/currencies/USD")
    light = page.evaluate(COLOUR)
    assert page.evaluate(PAINTED, "--series-1")

    page.get_by_role("button", name="밝게 또는 어둡게").click()

    dark = page.evaluate(COLOUR)
    assert dark != light
    assert dark == page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--series-1').trim()"
    )
    assert page.evaluate(PAINTED, "--series-1")


def test_without_scripts_everything_is_there(turn_to):
    page = turn_to("/currencies/USD", java_script_enabled=False)
    expect(page.locator("svg.picture")).to_be_visible()
    expect(page.locator("svg.picture path.line")).to_have_count(1)

    page.get_by_label("50일 이동평균").check()
    page.get_by_role("button", name="표시하기").click()

    expect(page.locator("svg.picture path.line")).to_have_count(2)
    page.get_by_label("날짜").fill("2026-10-03")
    page.get_by_role("button", name="찾아보기").click()
    expect(page.locator("#day")).to_contain_text("10월 3일 (토)에는 고시가 없어")


def test_the_tooltip_tells_the_nearest_day_in_the_pages_language(turn_to):
    page = turn_to("/en/currencies/USD?period=1w&overlays=none")
    box = page.locator(".plot canvas").bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] - 40, box["y"] + box["height"] / 2)

    told = page.evaluate(TOOLTIP)
    assert told == ["October 30, 2026", "US Dollar  1,335.27"]


def test_a_currency_that_nobody_publishes_is_a_page_that_says_so(turn_to):
    page = turn_to("/currencies/VND")

    expect(page.get_by_role("heading", name="고시 환율 없음")).to_be_visible()
    page.get_by_role("link", name="베트남 물가 보기").click()
    expect(page.locator(".country")).to_contain_text("₫76,000")
