"""currency.overrides and what a rate set by hand does to quotes: precedence, expiry, the record of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from config.cache import generation
from currency import overrides, quotes
from currency.freshness import of_an_operator
from currency.models import LatestRate, Provider, RateOverride
from currency.overrides import NoPublishedRate, NotInForce, SetMeanwhile
from currency.quotes import OPERATOR, SetRate, shown
from currency.signals import rate_overridden
from currency.source_names import source_names
from tests.currency.test_choice import BANK, FRIDAY, NOW, OTHER, leg
from tests.factories import FRIDAY as FRIDAY_OF_RATES
from tests.factories import cover, make_latest, make_observation, make_price, make_provider

DAY = timedelta(days=1)
LATEST = "/api/v1/currencies/latest"
# Friday 30 October 2026, 18:00 in Frankfurt; Saturday 02:00 in Seoul.
EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)


def set_rate(rate: str, *, hours: float = 24) -> SetRate:
    return SetRate(Decimal(rate), NOW - timedelta(hours=1), NOW + timedelta(hours=hours))


# --- precedence, in plain data ----------------------------------------------------------------

LEGS = {
    "USD": {"bank": leg("bank", "1392.4", tts=Decimal("1406.2"), ttb=Decimal("1378.6"))},
    "JPY": {"bank": leg("bank", "9.46"), "other": leg("other", "9.5")},
    "VND": {"other": leg("other", "0.05")},
}


def test_what_operators_have_set_is_told_before_every_provider():
    quote = shown("USD", "KRW", LEGS, [BANK, OTHER], {"USD": set_rate("1500")}, NOW)

    assert (quote.source, quote.rate, quote.tts, quote.ttb) == (OPERATOR, Decimal(1500), None, None)
    assert (quote.override.currencies, quote.override.expires_at) == (("USD",), NOW + DAY)
    assert (quote.override.crossed_with, quote.override.instead_of) == (None, "bank")


def test_other_currencies_are_told_as_published():
    set_rates = {"USD": set_rate("1500")}

    quote = shown("JPY", "KRW", LEGS, [BANK, OTHER], set_rates, NOW)

    assert (quote.source, quote.rate, quote.override) == ("bank", Decimal("9.46"), None)


def test_a_cross_takes_the_other_figure_from_whoever_would_be_shown_for_it():
    # No provider has both the dollar and the dong: without the operator there is no such price.
    set_rates = {"USD": set_rate("1500")}

    quote = shown("USD", "VND", LEGS, [BANK, OTHER], set_rates, NOW)

    assert (quote.source, quote.rate) == (OPERATOR, Decimal(30000))  # 1500 / 0.05
    assert (quote.override.currencies, quote.override.crossed_with) == (("USD",), "other")
    assert quote.override.instead_of is None


def test_of_two_set_rates_the_first_to_end_is_told():
    set_rates = {"USD": set_rate("1500", hours=5), "JPY": set_rate("10", hours=2)}

    quote = shown("USD", "JPY", LEGS, [BANK, OTHER], set_rates, NOW)

    assert (quote.rate, quote.override.currencies) == (Decimal(150), ("USD", "JPY"))
    assert quote.override.expires_at == NOW + timedelta(hours=2)


def test_the_won_itself_is_priced_with_the_set_rate():
    quote = shown("KRW", "USD", LEGS, [BANK], {"USD": set_rate("1250")}, NOW)

    assert (quote.rate, quote.override.currencies) == (Decimal("0.0008"), ("USD",))


def test_a_cross_is_as_old_as_its_older_figure():
    legs = {**LEGS, "JPY": {"bank": leg("bank", "9.46", date(2026, 11, 10))}}

    quote = shown("USD", "JPY", legs, [BANK], {"USD": set_rate("1500")}, NOW)

    assert (quote.rate_date, quote.stale) == (date(2026, 11, 10), True)


def test_a_cross_with_a_currency_that_nobody_has_is_no_quote():
    assert shown("USD", "CHF", LEGS, [BANK, OTHER], {"USD": set_rate("1500")}, NOW) is None


def test_an_operators_rate_ages_by_banking_days_and_is_never_late():
    friday_noon = datetime(2026, 11, 20, 3, tzinfo=UTC)

    told = of_an_operator(friday_noon, friday_noon + 7 * DAY, friday_noon + 4 * DAY)  # Tuesday

    assert (told.state, told.age_days, told.observed_on, told.is_old) == ("fresh", 2, FRIDAY, False)
    assert told.next_expected_at == friday_noon + 7 * DAY


rates = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10000), places=10)
seconds = st.integers(min_value=-8 * 86_400, max_value=8 * 86_400)


@given(published=rates, manual=rates, lasts=st.integers(1, 7 * 86_400), later=seconds)
def test_before_its_end_it_is_told_and_from_its_end_on_it_is_not(published, manual, lasts, later):
    legs = {"USD": {"bank": leg("bank", str(published))}}
    one = SetRate(manual, NOW, NOW + timedelta(seconds=lasts))
    now = NOW + timedelta(seconds=later)

    quote = shown("USD", "KRW", legs, [BANK], {"USD": one}, now)

    assert (quote.rate, quote.source) == ((manual, OPERATOR) if later < lasts else (published, "bank"))


@given(rates, rates, rates)
def test_there_and_back_over_a_set_rate_is_where_one_started(one, other, manual):
    legs = {"USD": {"bank": leg("bank", str(one))}, "JPY": {"bank": leg("bank", str(other))}}
    set_rates = {"USD": set_rate(str(manual))}

    there = shown("USD", "JPY", legs, [BANK], set_rates, NOW).rate
    back = shown("JPY", "USD", legs, [BANK], set_rates, NOW).rate

    assert abs(there * back - 1) < Decimal("1e-6")


def test_a_deviation_is_told_in_percent_of_what_is_published():
    assert overrides.deviation(Decimal(1470), Decimal(1400)) == Decimal("5.00")
    assert overrides.deviation(Decimal(1330), Decimal(1400)) == Decimal("-5.00")


# --- setting and ending -----------------------------------------------------------------------


@pytest.fixture
def operator(db):
    return User.objects.create_user("kim")


def put(operator, **given):
    asked = {"code": "USD", "rate": Decimal(1500), "why": "ECB feed is wrong", "expires_at": EVENING + DAY}
    return overrides.put(**{**asked, "by": operator, "now": EVENING, **given})


def told(code="USD", base="KRW", now=EVENING):
    return quotes.latest([code], base, now)[code]


def test_a_set_rate_stands_until_it_ends_by_itself(operator):
    make_latest(deal_base_rate="1335.27")

    put(operator)

    before, after = told(now=EVENING + DAY - timedelta(seconds=1)), told(now=EVENING + DAY)
    assert (before.source, before.rate) == (OPERATOR, Decimal(1500))
    assert (after.source, after.rate) == ("ecb", Decimal("1335.27"))


def test_an_ended_rate_is_not_told_any_more(operator):
    make_latest(deal_base_rate="1335.27")
    made = put(operator)

    overrides.end(made.pk, why="the feed is mended", by=operator, now=EVENING + timedelta(hours=1))

    assert told(now=EVENING + timedelta(hours=1)).source == "ecb"
    made.refresh_from_db()
    assert (made.ended_by, made.ended_why) == ("kim", "the feed is mended")
    with pytest.raises(NotInForce):
        overrides.end(made.pk, why="again", by=operator, now=EVENING + timedelta(hours=2))


def test_one_that_has_expired_cannot_be_ended(operator):
    make_latest()
    made = put(operator)

    with pytest.raises(NotInForce):
        overrides.end(made.pk, why="late", by=operator, now=EVENING + DAY)


def test_one_that_has_expired_makes_room_for_the_next(operator):
    make_latest()
    put(operator)

    put(operator, rate=Decimal(1600), now=EVENING + DAY, expires_at=EVENING + 2 * DAY)

    assert told(now=EVENING + DAY).rate == Decimal(1600)
    first, second = RateOverride.objects.order_by("pk")
    assert (first.ended_at, first.place, second.place) == (None, None, "USD")


def test_of_two_who_replace_one_rate_at_once_the_second_is_told(operator):
    make_latest()
    first = put(operator)
    others: list[str] = []

    def meanwhile(execute, sql, params, many, context):
        # Another operator ends it between our look at it and our own end of it.
        if sql.startswith("UPDATE") and "ended_by" in sql and not others:
            others.append("lee")
            ended = {"place": None, "ended_at": EVENING, "ended_by": "lee", "ended_why": "mine is better"}
            RateOverride.objects.filter(pk=first.pk).update(**ended)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile), pytest.raises(SetMeanwhile):
        put(operator, rate=Decimal(1600), instead_of=first.pk)

    assert others == ["lee"]


def test_who_has_not_seen_the_one_in_force_sets_nothing(operator):
    make_latest()
    first = put(operator)

    with pytest.raises(SetMeanwhile):
        put(operator, rate=Decimal(1600))

    assert told().rate == Decimal(1500)
    put(operator, rate=Decimal(1600), instead_of=first.pk)
    assert told().rate == Decimal(1600)
    first.refresh_from_db()
    assert (first.ended_at, first.ended_by) == (EVENING, "kim")
    with pytest.raises(SetMeanwhile):
        put(operator, rate=Decimal(1700), instead_of=first.pk)


def test_a_currency_that_nobody_publishes_is_refused(operator):
    with pytest.raises(NoPublishedRate):
        put(operator, code="CHF")


@pytest.mark.parametrize(
    "given",
    [
        {"code": "KRW"},
        {"rate": Decimal(0)},
        {"why": "  "},
        {"expires_at": EVENING},
        {"expires_at": EVENING + 7 * DAY + timedelta(seconds=1)},
    ],
)
def test_what_cannot_be_set_is_an_error_of_the_caller(operator, given):
    make_latest()

    with pytest.raises(ValueError, match="no rate that can be set"):
        put(operator, **given)

    assert RateOverride.objects.count() == 0


def test_who_and_why_are_noted_beside_it(operator):
    make_latest(currency_code="JPY", deal_base_rate="9.46")

    made = put(operator, code="JPY", rate=Decimal("9.5025"))
    overrides.end(made.pk, why="mended", by=operator, now=EVENING)

    first, second = LogEntry.objects.order_by("pk")
    # 100 yen, until 02:00 in Seoul.
    assert "JPY 100단위를 950.25원으로" in first.change_message
    assert first.change_message.endswith("— ECB feed is wrong")
    assert (second.change_message, second.object_id) == ("직접 지정한 환율을 끝냄 — mended", str(made.pk))


def test_whoever_listens_hears_of_setting_replacing_and_ending(operator):
    make_latest()
    heard = []

    def hear(sender, override, now, **_):
        heard.append((override.rate, override.ended_at))

    rate_overridden.connect(hear)
    try:
        first = put(operator)
        second = put(operator, rate=Decimal(1600), instead_of=first.pk)
        overrides.end(second.pk, why="mended", by=operator, now=EVENING)
    finally:
        rate_overridden.disconnect(hear)

    assert heard == [(1500, None), (1500, EVENING), (1600, None), (1600, EVENING)]


def test_stored_answers_end_with_a_set_rate(operator, django_capture_on_commit_callbacks):
    make_latest()
    before = generation.current()

    with django_capture_on_commit_callbacks(execute=True):
        put(operator)

    assert generation.current() > before


def test_it_stands_in_for_a_provider_that_is_switched_off(operator):
    make_latest(deal_base_rate="1335.27")
    make_provider("ecb", is_enabled=False)

    put(operator)

    assert (told().rate, told().override.instead_of) == (Decimal(1500), None)
    assert quotes.latest(["USD"], "KRW", EVENING + DAY) == {}


def test_newest_quotes_are_one_query_with_set_rates_too(operator, django_assert_num_queries):
    for code in ("USD", "JPY", "EUR"):
        make_latest(currency_code=code)
        make_latest(currency_code=code, source="ecos")
    put(operator)

    with django_assert_num_queries(1):
        found = quotes.latest(["USD", "JPY", "EUR"], "KRW", EVENING)

    assert {code: quote.source for code, quote in found.items()} == {
        "USD": OPERATOR,
        "JPY": "ecos",
        "EUR": "ecos",
    }


def test_what_providers_publish_is_compared_with_it(operator):
    make_latest(deal_base_rate="1400")
    make_latest(source="ecos", deal_base_rate="1500")
    make_provider("ecos", is_enabled=False)

    bank, ecb = overrides.published_beside("USD", Decimal(1470))

    assert (bank.source, bank.deviation, bank.is_far, bank.is_enabled) == ("ecos", Decimal(-2), False, False)
    assert (ecb.source, ecb.deviation, ecb.is_far) == ("ecb", Decimal(5), False)
    assert overrides.published_beside("USD", Decimal("1470.1"))[1].is_far is True


# --- what the database does not let in --------------------------------------------------------


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("override_rate_is_positive", {"rate": 0}),
        ("override_has_a_reason", {"reason": ""}),
        ("override_has_a_reason", {"set_by": ""}),
        ("override_expires_within_a_week", {"expires_at": EVENING}),
        ("override_expires_within_a_week", {"expires_at": EVENING + 7 * DAY + timedelta(seconds=1)}),
        ("override_holds_its_own_place", {"place": "JPY"}),
        (
            "override_holds_its_own_place",
            {"place": "USD", "ended_at": EVENING, "ended_by": "k", "ended_why": "y"},
        ),
        ("override_end_has_a_reason", {"ended_at": EVENING, "ended_by": "kim"}),
    ],
)
def test_an_impossible_override_is_refused_by_the_database(db, constraint, values):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        _row(**values)

    assert constraint in str(refused.value)


def test_a_week_to_the_second_is_let_in(db):
    assert _row(expires_at=EVENING + 7 * DAY).pk


def test_a_currency_has_one_place(db):
    _row(place="USD")
    _row()
    _row()

    with pytest.raises(IntegrityError), transaction.atomic():
        _row(place="USD")


def _row(**values):
    row = {"currency_code": "USD", "rate": 1500, "reason": "why", "set_by": "kim", "set_at": EVENING}
    return RateOverride.objects.create(**{**row, "expires_at": EVENING + DAY, **values})


# --- the API ----------------------------------------------------------------------------------


@pytest.fixture
def evening():
    with time_machine.travel(EVENING, tick=False) as clock:
        yield clock


def data(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


OVERRIDE = {"currencies": ["USD"], "expires_at": "2026-10-31T17:00:00Z", "crossed_with": None}


def test_details_and_the_currency_say_that_it_is_set_by_hand_and_until_when_but_not_why(
    api, operator, evening
):
    make_latest(source="ecos", deal_base_rate="1392.4", tts="1406.2", ttb="1378.6")
    make_observation(source="ecos", rate_date=date(2026, 10, 29), deal_base_rate="1390")
    put(operator)

    latest = api.get(LATEST, params={"symbols": "USD", "details": "true"})
    now = api.get("/api/v1/currencies/USD")

    detail = data(latest)["details"]["USD"]
    assert (detail["provider"], detail["override"]) == ("operator", OVERRIDE)
    assert (detail["as_of"], detail["tts"], detail["ttb"]) == ("2026-10-30T17:00:00Z", None, None)
    assert (data(now)["source"], data(now)["current_rate"], data(now)["override"]) == (
        "operator",
        1500,
        OVERRIDE,
    )
    assert (data(now)["change"], data(now)["freshness"]["next_expected_at"]) == (None, "2026-10-31T17:00:00Z")
    assert "ECB feed is wrong" not in latest.text + now.text


def test_a_conversion_now_says_so_and_one_at_a_day_is_not_touched(api, operator, evening):
    make_latest(deal_base_rate="1335.27")
    make_latest(currency_code="JPY", deal_base_rate="10")
    make_observation(rate_date=date(2026, 10, 29), deal_base_rate="1330")
    put(operator)
    asked = {"from": "USD", "amount": "2"}

    cross = data(api.get("/api/v1/currencies/convert", params={**asked, "to": "JPY"}))
    past = data(api.get("/api/v1/currencies/convert", params={**asked, "to": "KRW", "date": "2026-10-29"}))

    assert (cross["result"], cross["source"]) == (300, "operator")
    assert cross["override"] == {**OVERRIDE, "crossed_with": "ecb"}
    assert (past["result"], past["source"], "override" in past) == (2660, "ecb", False)


def test_a_channels_quote_is_made_with_it_and_says_so(api, operator, evening):
    make_latest(deal_base_rate="1335.27")
    put(operator)

    told = data(api.get("/api/v1/currencies/quote", params={"from": "KRW", "to": "USD", "amount": "150000"}))

    assert (told["mid"], told["source"]) == ({"rate": 1500, "receive": 100}, "operator")
    assert told["override"] == OVERRIDE


def test_history_is_not_touched(api, operator, evening):
    cover(date(2026, 6, 1), FRIDAY_OF_RATES, code="USD", close="1335.27")
    asked = {"target": "USD", "period": "1w"}
    before = api.get("/api/v1/history", params=asked).json()["data"]

    put(operator)
    generation.move_on()

    assert api.get("/api/v1/history", params=asked).json()["data"] == before


def test_an_answer_is_told_no_longer_than_until_the_rate_expires(api, operator, evening):
    make_latest(deal_base_rate="1335.27")
    put(operator, expires_at=EVENING + timedelta(seconds=20))

    first = api.get(LATEST, params={"symbols": "USD"})
    evening.shift(timedelta(seconds=19))
    second = api.get(LATEST, params={"symbols": "USD"})
    evening.shift(timedelta(seconds=1))
    third = api.get(LATEST, params={"symbols": "USD"})

    assert first.headers["Cache-Control"] == "public, max-age=20"
    assert [data(answer)["rates"]["USD"] for answer in (first, second, third)] == [1500, 1500, 1335.27]
    assert (data(second)["cache_hit"], third.headers["Cache-Control"]) == (True, "public, max-age=60")


def test_prices_compared_at_a_set_rate_say_so(api, operator, evening):
    make_latest(currency_code="JPY", deal_base_rate="10")
    make_price("KR", "5500", "KRW")
    make_price("JP", "440", "JPY")
    put(operator, code="JPY", rate=Decimal("12.5"))

    told = data(api.get("/api/v1/price-index", params={"country": "JP"}))

    assert told["indices"]["bigmac_index"] == 100  # 440 yen at 12.5 won are 5,500 won
    assert told["overrides"]["JPY/KRW"]["currencies"] == ["JPY"]


def test_sources_have_names_the_operators_too(db):
    Provider.objects.filter(key="ecb").delete()
    make_provider("ecb", name_ko="유럽중앙은행")

    assert (source_names()["operator"], source_names()["ecb"]) == ("운영자 지정", "유럽중앙은행")
    assert not LatestRate.objects.filter(source="operator").exists()
