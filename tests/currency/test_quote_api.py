"""GET /currencies/quote through the WSGI entry. Figures by hand, at 1,000 won a dollar."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.urls import reverse

from currency.models import PaymentChannel
from tests.factories import make_channel, make_latest, make_provider, make_terms

QUOTE = "/api/v1/currencies/quote"
# Friday 30 October 2026, 18:00 in Frankfurt: the day's rates are out.
FRIDAY_EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _friday_evening():
    with time_machine.travel(FRIDAY_EVENING, tick=False):
        yield


@pytest.fixture(autouse=True)
def _no_channels(db):
    PaymentChannel.objects.all().delete()


@pytest.fixture(autouse=True)
def _a_dollar_costs_a_thousand_won(db):
    make_latest(currency_code="USD", deal_base_rate="1000")


def ask(api, have="KRW", want="USD", amount="1017500", headers=None, **more):
    answer = api.get(QUOTE, params={"from": have, "to": want, "amount": amount, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def only(told):
    [offer] = told["channels"]
    return offer


# --- won for another money --------------------------------------------------------------------


def test_won_buy_dollars_at_the_base_rate_and_a_spread(api):
    make_terms(make_channel("counter", name_ko="창구 현찰"))

    told = ask(api)

    assert (told["from"], told["to"], told["amount"], told["discount"]) == ("KRW", "USD", 1017500, None)
    assert told["mid"] == {"rate": 1000, "receive": 1017.5}
    assert only(told) == {
        "channel": "counter",
        "name": "창구 현찰",
        "kind": "cash_counter",
        "available": True,
        "reason": None,
        "message": None,
        "receive": 1000,
        "rate": 1017.5,
        "rate_before_fees": 1017.5,
        "rate_basis": "spread",
        "spread_percent": 1.75,
        "discount_percent": 0,
        # 17,500 of 1,017,500 won.
        "cost_vs_mid": {
            "won": 17500,
            "percent": 1.7199,
            "spread": 17500,
            "percent_fee": 0,
            "fixed_fee": 0,
        },
        # 1,000 dollars at 982.5 won.
        "round_trip": {"back_amount": 982500, "loss": 35000, "loss_percent": 3.4398},
        "terms": {
            "fee_percent": 0,
            "fee_fixed": 0,
            "fee_currency": "KRW",
            "source_name": "a bank",
            "source_url": "https://bank.example/fees",
            "as_of": "2026-10-30",
            "age_days": 1,  # the 31st in Seoul
            "is_old": False,
        },
    }


def test_the_base_rate_is_told_with_its_source_and_freshness(api):
    told = ask(api)

    assert (told["source"], told["as_of"], told["stale"]) == ("ecb", "2026-10-30T13:15:00Z", False)
    assert (told["freshness"]["observed_on"], told["freshness"]["state"]) == ("2026-10-30", "fresh")
    assert told["channels"] == []


def test_a_discount_comes_off_the_spread_of_channels_that_take_one(api):
    # Half of 1.75 % off: 1,008.75 won a dollar.
    make_terms(make_channel("counter"))
    make_terms(make_channel("card", takes_discount=False), buy_spread_percent=1)

    told = ask(api, amount="1008750", discount="50")

    assert told["discount"] == 50
    assert {c["channel"]: (c["discount_percent"], c["receive"]) for c in told["channels"]} == {
        "counter": (50, 1000),
        "card": (0, pytest.approx(1008750 / 1010)),
    }


@pytest.mark.parametrize(("asked", "percent", "rate"), [({}, 90, 1001.75), ({"discount": "0"}, 0, 1017.5)])
def test_a_channel_s_own_discount_holds_unless_another_is_asked_for(api, asked, percent, rate):
    make_terms(make_channel("app"), discount_percent=90)

    offer = only(ask(api, **asked))

    assert (offer["discount_percent"], offer["rate"], offer["spread_percent"]) == (percent, rate, 1.75)


def test_the_best_comes_first_and_the_unavailable_last(api):
    make_terms(make_channel("dear", display_order=1), buy_spread_percent=5)
    make_channel("unknown", display_order=2)
    make_terms(make_channel("cheap", display_order=3), buy_spread_percent=1)

    told = ask(api)["channels"]

    assert [(c["channel"], c["available"]) for c in told] == [
        ("cheap", True),
        ("dear", True),
        ("unknown", False),
    ]


def test_old_terms_are_flagged(api):
    make_terms(make_channel(), as_of=date(2025, 10, 30))

    terms = only(ask(api))["terms"]

    assert (terms["as_of"], terms["age_days"], terms["is_old"]) == ("2025-10-30", 366, True)


# --- cards ------------------------------------------------------------------------------------


def credit_card(**terms):
    card = make_channel("card", kind="credit_card", takes_discount=False)
    return make_terms(
        card, **{"currency_code": "", "buy_spread_percent": 1, "sell_spread_percent": None, **terms}
    )


def test_a_card_bills_the_wire_rate_that_a_bank_published(api):
    make_latest(currency_code="USD", source="ecos", deal_base_rate="1000", tts="1010.5", ttb="989.5")
    credit_card(fee_percent="1.2")

    # 1,000 dollars: 1,010,500 won and 1.2 % of it, 12,126.
    offer = only(ask(api, amount="1022626"))

    assert (offer["receive"], offer["rate_basis"], offer["spread_percent"]) == (1000, "tts", 1.05)
    assert (offer["rate_before_fees"], offer["rate"]) == (1010.5, 1022.626)
    assert offer["cost_vs_mid"]["percent_fee"] == 12126
    assert (offer["cost_vs_mid"]["spread"], offer["cost_vs_mid"]["won"]) == (10500, 22626)


def test_without_a_published_wire_rate_the_card_s_own_spread_stands(api):
    credit_card()

    offer = only(ask(api, amount="1010000"))

    assert (offer["receive"], offer["rate_basis"], offer["round_trip"]) == (1000, "spread", None)


def test_cash_is_not_sold_at_the_wire_rate(api):
    make_latest(currency_code="USD", source="ecos", deal_base_rate="1000", tts="1010.5")
    make_terms(make_channel("counter"))

    assert only(ask(api))["rate"] == 1017.5


def test_a_fixed_fee_in_dollars_is_put_into_won_and_its_rate_is_told(api):
    make_latest(currency_code="JPY", deal_base_rate="10")
    credit_card(buy_spread_percent=0, fee_percent=1, fee_fixed="0.5", fee_currency="USD")

    # 500 won, and 1 % of 100,000 won's worth of yen.
    told = ask(api, want="JPY", amount="101500")

    assert only(told)["receive"] == 10000
    assert only(told)["cost_vs_mid"] == {
        "won": 1500,
        "percent": 1.4778,
        "spread": 0,
        "percent_fee": 1000,
        "fixed_fee": 500,
    }
    assert (told["fee_rates"]["USD"]["rate"], told["fee_rates"]["USD"]["source"]) == (1000, "ecb")


@pytest.mark.parametrize("fee", [{"fee_currency": ""}, {"fee_currency": "KRW"}])
def test_a_fixed_fee_without_a_currency_is_in_won(api, fee):
    credit_card(buy_spread_percent=0, fee_fixed=500, **fee)

    told = ask(api, amount="100500")

    assert (only(told)["receive"], told["fee_rates"]) == (100, {})


# --- another money for won --------------------------------------------------------------------


def test_dollars_are_sold_for_won_below_the_base_rate(api):
    make_terms(make_channel())

    told = ask(api, have="USD", want="KRW", amount="1000")

    assert told["mid"] == {"rate": 1000, "receive": 1000000}
    offer = only(told)
    assert (offer["receive"], offer["rate"], offer["rate_before_fees"]) == (982500, 982.5, 982.5)
    assert (offer["cost_vs_mid"]["won"], offer["cost_vs_mid"]["percent"]) == (17500, 1.75)
    # 982,500 won at 1,017.5.
    assert offer["round_trip"] == {"back_amount": 965.601965601966, "loss": 34.398, "loss_percent": 3.4398}


def test_money_given_back_to_a_card_is_priced_by_its_spread(api):
    make_latest(currency_code="USD", source="ecos", deal_base_rate="1000", tts="1010", ttb="990")
    credit_card(sell_spread_percent=2)

    offer = only(ask(api, have="USD", want="KRW", amount="101"))

    assert (offer["receive"], offer["rate_basis"], offer["spread_percent"]) == (98980, "spread", 2)
    # 98,980 won at 1,010, which is what the card would bill.
    assert offer["round_trip"]["back_amount"] == 98


def test_a_discount_holds_for_money_sold_as_well(api):
    make_terms(make_channel())

    assert only(ask(api, have="USD", want="KRW", amount="1000", discount="90"))["receive"] == 998250


def test_the_spread_told_is_that_of_the_side_one_is_on(api):
    make_latest(currency_code="THB", deal_base_rate="40")
    make_terms(make_channel(), currency_code="THB", buy_spread_percent=5, sell_spread_percent=6)

    assert only(ask(api, want="THB"))["spread_percent"] == 5
    assert only(ask(api, have="THB", want="KRW"))["spread_percent"] == 6


# --- nothing is guessed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "asked", "reason", "korean", "english"),
    [
        (
            {"currency_code": "JPY"},
            {},
            "no_terms",
            "이 방법이 USD에 매기는 조건 가운데 출처가 있는 것이 없습니다.",
            "We hold no published terms of this channel for USD.",
        ),
        (
            {"sell_spread_percent": None},
            {"have": "USD", "want": "KRW"},
            "no_terms_for_selling",
            "이 방법으로 USD를 되팔 때의 조건 가운데 출처가 있는 것이 없습니다.",
            "We hold no published terms at which this channel takes USD back.",
        ),
        (
            {"fee_fixed": "0.5", "fee_currency": "EUR"},
            {},
            "no_rate_for_fee",
            "수수료가 건당 0.5 EUR인데, 그 통화의 환율이 없습니다.",
            "Its fee is 0.5 EUR a payment, and we hold no rate for that currency.",
        ),
        (
            {"fee_fixed": "500"},
            {"amount": "500"},
            "below_fixed_fee",
            "건당 수수료 500 KRW를 빼면 남는 금액이 없습니다.",
            "Its fee of 500 KRW a payment takes all of the amount.",
        ),
    ],
)
def test_a_channel_that_offers_nothing_says_why(api, terms, asked, reason, korean, english):
    make_terms(make_channel(), **terms)

    offer = only(ask(api, **asked))

    assert (offer["available"], offer["reason"], offer["message"]) == (False, reason, korean)
    assert offer["receive"] is offer["rate"] is offer["cost_vs_mid"] is offer["round_trip"] is None
    assert (offer["terms"] is None) == (reason == "no_terms")
    assert only(ask(api, **asked, headers={"Accept-Language": "en"}))["message"] == english


def test_a_trip_that_would_not_pay_its_way_back_has_no_round_trip(api):
    # 1 dollar for 1,500 won, whose sale would pay 1,000 won less a fee of 1,000.
    make_terms(make_channel(), buy_spread_percent=0, sell_spread_percent=0, fee_fixed=1000)

    offer = only(ask(api, amount="1500"))

    assert (offer["receive"], offer["round_trip"]) == (0.5, None)


def test_names_are_english_on_request(api):
    make_channel("counter", name_ko="창구", name_en="Counter")

    assert only(ask(api))["name"] == "창구"
    assert only(ask(api, headers={"Accept-Language": "en"}))["name"] == "Counter"


@pytest.mark.parametrize("amount", ["0.0000000001", "1000000000000"])
def test_the_smallest_and_the_largest_amount_are_answered(api, amount):
    make_terms(make_channel())

    for have, want in (("KRW", "USD"), ("USD", "KRW")):
        assert only(ask(api, have=have, want=want, amount=amount))["receive"] > 0


# --- what it costs, what it refuses -----------------------------------------------------------


def test_a_cold_answer_takes_three_queries_and_a_warm_one_none(api, django_assert_num_queries):
    make_terms(make_channel())
    credit_card(fee_fixed="0.5", fee_currency="USD")
    make_latest(currency_code="JPY", deal_base_rate="10")

    with django_assert_num_queries(3):
        ask(api, want="JPY")
    with django_assert_num_queries(0):
        ask(api, want="JPY")


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ("from=EUR&to=USD&amount=1", "INVALID_PARAMETER", "to"),
        ("from=KRW&to=KRW&amount=1", "INVALID_PARAMETER", "to"),
        ("from=USD&to=USD&amount=1", "INVALID_PARAMETER", "to"),
        ("to=USD&amount=1", "MISSING_PARAMETER", "from"),
        ("from=KRW&amount=1", "MISSING_PARAMETER", "to"),
        ("from=KRW&to=USD", "MISSING_PARAMETER", "amount"),
        ("from=KRW&to=ZZZ&amount=1", "INVALID_CURRENCY_CODE", "to"),
        ("from=won&to=USD&amount=1", "INVALID_CURRENCY_CODE", "from"),
        ("from=KRW&to=USD&amount=0", "INVALID_PARAMETER", "amount"),
        ("from=KRW&to=USD&amount=-1", "INVALID_PARAMETER", "amount"),
        ("from=KRW&to=USD&amount=1000000000000.1", "INVALID_PARAMETER", "amount"),
        ("from=KRW&to=USD&amount=1&discount=", "MISSING_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&discount=-1", "INVALID_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&discount=100.01", "INVALID_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&discount=50.001", "INVALID_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&discount=5e1", "INVALID_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&discount=%EF%BC%95%EF%BC%90", "INVALID_PARAMETER", "discount"),  # ５０
        ("from=KRW&to=USD&amount=1&discount=NaN", "INVALID_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&discount=50&discount=60", "INVALID_PARAMETER", "discount"),
        ("from=KRW&to=USD&amount=1&rate=50", "INVALID_PARAMETER", "rate"),
        ("from=KRW&to=USD&amount=1&max_age_days=-1", "INVALID_PARAMETER", "max_age_days"),
    ],
)
def test_a_wrong_question_is_refused_by_name(api, query, code, parameter):
    answer = api.get(f"{QUOTE}?{query}")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (400, code, parameter)
    assert error["details"]["expected"]


@pytest.mark.parametrize(
    ("pair", "expected"),
    [(("EUR", "USD"), "KRW"), (("USD", "USD"), "KRW"), (("KRW", "KRW"), "KRW가 아닌 통화")],
)
def test_two_moneys_without_won_are_refused_with_what_is_accepted(api, pair, expected):
    error = api.get(QUOTE, params={"from": pair[0], "to": pair[1], "amount": 1}).json()["error"]

    assert error["details"] == {"parameter": "to", "provided": pair[1], "expected": expected}
    assert error["message"].startswith("한국의 은행은 원화를 상대로 값을 매깁니다.")


@pytest.mark.parametrize(("have", "want", "parameter"), [("KRW", "VND", "to"), ("VND", "KRW", "from")])
def test_a_currency_nobody_has_published_is_a_404(api, have, want, parameter):
    answer = api.get(QUOTE, params={"from": have, "to": want, "amount": 1})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["details"]["parameter"]) == (404, "NOT_FOUND", parameter)


def test_an_old_rate_is_refused_where_the_caller_says_so(api):
    make_latest(currency_code="JPY", deal_base_rate="10", rate_date=date(2026, 10, 26))
    make_terms(make_channel(), currency_code="JPY")

    answer = api.get(QUOTE, params={"from": "KRW", "to": "JPY", "amount": 1, "strict": "true"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "STALE_DATA")
    assert ask(api, want="JPY")["stale"] is True


def test_an_old_rate_of_a_fee_counts_as_well(api):
    make_provider("ecos")
    make_latest(currency_code="JPY", deal_base_rate="10", source="ecos")
    make_latest(currency_code="EUR", deal_base_rate="1500", rate_date=date(2026, 10, 26))
    credit_card(fee_fixed="0.5", fee_currency="EUR")

    answer = api.get(QUOTE, params={"from": "KRW", "to": "JPY", "amount": 1000, "max_age_days": 2})

    assert answer.status_code == 409
    assert list(answer.json()["error"]["details"]["stale"]) == ["EUR"]


def test_terms_that_an_operator_edits_are_shown_at_once(api, client, django_capture_on_commit_callbacks):
    client.force_login(User.objects.create_superuser("operator", password="x"))
    terms = make_terms(make_channel())
    assert only(ask(api))["rate"] == 1017.5
    form = {
        "channel": "counter",
        "currency_code": "USD",
        "buy_spread_percent": "1.5",
        "sell_spread_percent": "",
        "fee_percent": "0",
        "fee_fixed": "0",
        "discount_percent": "0",
        "source_name": "the bank's new page",
        "source_url": "https://bank.example/2026",
        "as_of": "2026-10-31",
        "why": "the bank has a new page",
    }

    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(reverse("admin:currency_channelterms_change", args=[terms.pk]), form)

    assert page.status_code == 302
    offer = only(ask(api))
    assert (offer["rate"], offer["round_trip"]) == (1015, None)
    assert offer["terms"]["source_name"] == "the bank's new page"


@pytest.mark.parametrize("field", ["source_name", "source_url"])
def test_terms_without_a_source_are_not_taken_from_operators(client, field):
    client.force_login(User.objects.create_superuser("operator", password="x"))
    terms = make_terms(make_channel())
    form = {"channel": "counter", "buy_spread_percent": "1.5", "as_of": "2026-10-31", "why": "a new page"}
    form |= {"fee_percent": "0", "fee_fixed": "0", "discount_percent": "0"}
    form |= {"source_name": "a bank", "source_url": "https://bank.example/fees", field: ""}

    page = client.post(reverse("admin:currency_channelterms_change", args=[terms.pk]), form)

    assert list(page.context["adminform"].form.errors) == [field]


def test_the_document_describes_the_question_and_the_answer():
    from config.api.documentation import document

    described = document()["paths"]["/api/v1/currencies/quote"]["get"]
    parameters = {parameter["name"]: parameter for parameter in described["parameters"]}

    assert {name for name, parameter in parameters.items() if parameter.get("required")} == {
        "from",
        "to",
        "amount",
    }
    assert parameters["discount"]["schema"] == {"type": "number", "minimum": 0, "maximum": 100}
    assert {"200", "400", "404", "409"} <= described["responses"].keys()
