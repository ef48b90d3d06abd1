"""Converting both ways, by typing, by keyboard, without scripts; and passing the result on.

The ECB's rates of 30 October 2026: a yen at 8.491347905 won, a dollar at 1,335.266738.
"""

import re

from playwright.sync_api import Page, Route, expect

YEN = "/convert?from=KRW&to=JPY&amount=1000000"
EXAMPLE = "1,000,000 또는 99.5"


def expect_amounts(page: Page, given: str, received: str) -> None:
    expect(page.get_by_label("내는 금액")).to_have_value(given)
    expect(page.get_by_label("받는 금액")).to_have_value(received)


def test_what_one_types_is_converted_at_once(turn_to):
    page = turn_to(YEN)
    expect_amounts(page, "1,000,000", "117,767")

    page.get_by_label("내는 금액").fill("2,000,000")

    expect(page.get_by_label("받는 금액")).to_have_value("235,534")
    expect(page.locator("#result")).to_contain_text("₩2,000,000 = JP¥235,534")
    expect(page).to_have_url(re.compile(r"/convert\?from=KRW&to=JPY&amount=2000000$"))


def test_typing_in_the_other_field_converts_the_other_way(turn_to):
    page = turn_to(YEN)

    page.get_by_label("받는 금액").fill("10000")

    expect(page.get_by_label("내는 금액")).to_have_value("84,913")
    expect(page.get_by_role("heading", name="JP¥10,000을 받으려면 실제로 드는 돈")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/convert\?from=KRW&to=JPY&receive=10000$"))


def test_the_channels_follow_the_amount_and_the_discount(turn_to):
    page = turn_to(YEN)
    counter = page.get_by_role("listitem").filter(has_text="하나은행 창구 현찰")
    # 1.75 % over the base rate: 1,000,000 / 8.639946… yen.
    expect(counter).to_contain_text("JP¥115,741")

    page.get_by_label("환율우대").fill("50")

    # 0.875 % over it.
    expect(counter).to_contain_text("JP¥116,745")
    expect(page).to_have_url(re.compile("&discount=50$"))


def test_a_swap_shows_the_same_two_amounts_from_the_other_side_and_back(turn_to):
    page = turn_to(YEN)

    page.get_by_role("link", name="두 통화 바꾸기").click()

    expect(page).to_have_url(re.compile(r"\?from=JPY&to=KRW&receive=1000000$"))
    expect_amounts(page, "117,767", "1,000,000")
    page.get_by_role("link", name="두 통화 바꾸기").click()
    expect(page).to_have_url(re.compile(re.escape(YEN) + "$"))
    expect_amounts(page, "1,000,000", "117,767")


def test_a_field_one_is_about_to_write_in_is_left_alone(turn_to):
    page = turn_to("/convert")
    mine = page.get_by_label("받는 금액")
    before = mine.input_value()
    held: list[Route] = []
    page.route("**/convert?*part=result*", lambda route: held.append(route))
    with page.expect_request("**/convert?*part=result*"):
        page.get_by_label("받는 통화").select_option("JPY")
    mine.focus()
    held[0].continue_()
    expect(page.locator("#result")).to_contain_text("JP¥117,767")

    assert mine.input_value() == before
    mine.blur()
    expect(mine).to_have_value("117,767")


def test_an_answer_to_half_of_what_is_written_takes_none_of_it_away(turn_to):
    page = turn_to(YEN)
    mine = page.get_by_label("내는 금액")
    held: list[Route] = []
    page.route(
        "**/convert?*part=result*", lambda route: held.append(route) if not held else route.continue_()
    )
    mine.fill("1")
    page.wait_for_timeout(600)  # it is asked for
    mine.fill("100")
    mine.blur()
    held[0].continue_()

    expect(page).to_have_url(re.compile(r"\?from=KRW&to=JPY&amount=100$"))
    assert mine.input_value() == "100"


def test_a_result_passed_on_is_the_same_in_another_browser(turn_to, open_page):
    page = turn_to("/convert")
    page.get_by_label("받는 통화").select_option("JPY")
    page.get_by_label("받는 금액").fill("30,000")
    expect(page.get_by_label("내는 금액")).to_have_value("254,740")
    expect(page.locator("#result")).to_contain_text("₩254,740 = JP¥30,000")
    offers = page.get_by_role("listitem").all_inner_texts()

    other = open_page(page.evaluate("location.pathname + location.search"))

    expect_amounts(other, "254,740", "30,000")
    assert len(offers) == 6
    assert other.get_by_role("listitem").all_inner_texts() == offers


def test_one_step_back_leads_to_the_result_before(turn_to):
    page = turn_to(YEN)
    page.get_by_label("내는 금액").fill("5000")
    expect(page.get_by_label("받는 금액")).to_have_value("589")

    page.go_back()

    expect_amounts(page, "1,000,000", "117,767")


def test_choosing_the_money_of_the_other_side_swaps_them(turn_to):
    page = turn_to(YEN)

    page.get_by_label("받는 통화").select_option("KRW")

    expect(page.get_by_label("내는 통화")).to_have_value("JPY")
    expect(page).to_have_url(re.compile(r"\?from=JPY&to=KRW&amount=1000000$"))


def test_everything_can_be_done_by_keyboard(turn_to):
    page = turn_to(YEN)

    def tab_to(name: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('name')") == name:
                return
        raise AssertionError(f"the keyboard does not reach {name}")

    tab_to("amount")
    page.keyboard.press("Control+A")
    page.keyboard.type("100")
    tab_to("from")
    page.keyboard.type("USD")
    tab_to("receive")
    page.keyboard.press("Shift+Tab")  # the swap
    expect(page.get_by_label("내는 통화")).to_have_value("USD")
    expect(page).to_have_url(re.compile(r"\?from=USD&to=JPY&amount=100$"))
    tab_to("to")
    page.keyboard.type("KRW")
    expect(page.get_by_label("받는 금액")).to_have_value("133,527")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"\?from=KRW&to=USD&receive=100$"))


def test_without_scripts_a_form_does_the_same_both_ways(turn_to):
    page = turn_to(YEN, java_script_enabled=False)

    page.get_by_label("내는 금액").fill("2,000,000")
    page.get_by_role("button", name="계산하기").click()
    expect(page).to_have_url(re.compile(r"/convert\?from=KRW&to=JPY&amount=2000000$"))
    expect_amounts(page, "2,000,000", "235,534")

    page.get_by_label("받는 금액").fill("10000")
    page.get_by_role("button", name="계산하기").click()
    expect(page).to_have_url(re.compile(r"/convert\?from=KRW&to=JPY&receive=10000$"))
    expect_amounts(page, "84,913", "10,000")

    page.get_by_role("link", name="두 통화 바꾸기").click()
    expect_amounts(page, "10,000", "84,913")


def test_what_cannot_be_read_is_said_beside_its_field_and_kept(turn_to):
    page = turn_to(YEN)
    field = page.get_by_label("내는 금액")

    field.fill("십만")

    expect(page.locator("#wrong-amount")).to_contain_text(EXAMPLE)
    expect(field).to_have_value("십만")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("100000")
    expect(page.locator("#wrong-amount")).to_be_empty()
    expect(page.get_by_label("받는 금액")).to_have_value("11,777")


def test_what_cannot_be_read_is_said_without_scripts_as_well(turn_to):
    page = turn_to("/convert?from=KRW&to=JPY&amount=-5", java_script_enabled=False)

    expect(page.locator("#wrong-amount")).to_contain_text(EXAMPLE)
    expect(page.get_by_label("내는 금액")).to_have_value("-5")
    page.context.watch.troubles.remove(  # as the browser tells every 400
        "console: Failed to load resource: the server responded with a status of 400 (Bad Request)"
    )


def test_a_money_without_a_rate_is_told_as_such(turn_to):
    page = turn_to(YEN)

    page.get_by_label("받는 통화").select_option("VND")

    expect(page.get_by_role("heading", name="베트남 동 환율이 아직 없습니다")).to_be_visible()
    expect(page.get_by_label("받는 금액")).to_have_value("")
