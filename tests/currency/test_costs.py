"""currency.costs: what is left of money that is changed."""

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from currency.costs import Tariff, buy, discounted, foreign_for, posted, round_trip, sell, won_for

D = Decimal


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(D(least), D(most), places=places, allow_nan=False, allow_infinity=False)


MIDS = decimals("0.0000000001", "10000", 10)
# AmountField's own range.
AMOUNTS = decimals("0.0000000001", "1000000000000", 10)
SPREADS = decimals("0", "99.9999", 4)
DISCOUNTS = decimals("0", "100", 2)
FEES = decimals("0", "99.9999", 4)


@st.composite
def tariffs(draw: Any) -> Tariff:
    mid, discount = draw(MIDS), draw(DISCOUNTS)
    return Tariff(
        mid,
        buys_at=discounted(mid, posted(mid, draw(SPREADS)), discount),
        sells_at=discounted(mid, posted(mid, -draw(SPREADS)), discount),
        fee_percent=draw(FEES),
        fixed_fee_won=draw(decimals("0", "5000", 4)),
    )


# --- published examples -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "board", "discount", "price"),
    [
        # https://onews.kr/환율우대-뜻과-계산법-100-우대받는-꿀팁/
        ("1300", "1330", "50", "1315"),
        # https://www.memofactory.net/10049, buying and selling
        ("1000", "1020", "60", "1008"),
        ("1000", "980", "60", "992"),
        # https://edenchoi.tistory.com/16156302: 100 dollars for 116,510 won, cut from 116,510.5
        ("1155", "1175.21", "50", "1165.105"),
    ],
)
def test_a_discount_takes_its_part_off_the_spread(base, board, discount, price):
    assert discounted(D(base), D(board), D(discount)) == D(price)


@pytest.mark.parametrize(("spread", "price"), [("1.75", "1017.5"), ("-1.75", "982.5")])
def test_a_spread_is_over_the_base_rate_for_who_buys_and_under_it_for_who_sells(spread, price):
    # https://mogibu.tistory.com/2426
    assert posted(D(1000), D(spread)) == D(price)


def test_a_card_bills_the_wire_rate_and_both_its_fees():
    # https://gogo1212.tistory.com/entry/해외-신용카드-사용-수수료-총정리: 1,000 dollars at 1,000 won, billed
    # at a wire rate 1.5 % above, 1 % to the brand (10,150 won) and 0.2 % to the card (2,030 won).
    card = Tariff(D(1000), buys_at=posted(D(1000), D("1.5")), sells_at=None, fee_percent=D("1.2"))

    change = buy(D(1_027_180), card)

    assert (change.received, change.rate) == (1000, D("1027.18"))
    assert (change.spread_cost, change.percent_fee, change.cost) == (15_000, 12_180, 27_180)


def test_a_fixed_fee_comes_off_first():
    # A check card: 0.50 dollars a payment at 1,300 won, and 1 % of 20 dollars, is 20.70 dollars in all.
    card = Tariff(D(1300), buys_at=D(1300), sells_at=None, fee_percent=D(1), fixed_fee_won=D(650))

    change = buy(D("20.70") * 1300, card)

    assert (change.received, change.fixed_fee, change.percent_fee) == (20, 650, 260)


def test_money_sold_for_won_is_paid_out_below_the_base_rate():
    # 100 dollars at 1,000 won less 1.75 %, 1 % of that, and 100 won: 98,250 - 982.5 - 100.
    bank = Tariff(D(1000), D(1000), sells_at=D("982.5"), fee_percent=D(1), fixed_fee_won=D(100))

    change = sell(D(100), bank)

    assert (change.received, change.rate) == (D("97167.5"), D("971.675"))
    assert (change.cost, change.cost_percent, change.spread_cost) == (D("2832.5"), D("2.8325"), 1750)


def test_money_that_comes_back_pays_the_spread_twice():
    # 1,000,000 / 1,017.5 = 982.80098 dollars, which are 965,601.96… won at 982.5.
    bank = Tariff(D(1000), D("1017.5"), D("982.5"))
    there = buy(D(1_000_000), bank)

    trip = round_trip(D(1_000_000), sell(there.received, bank))

    assert round(trip.back, 2) == D("965601.97")
    assert round(trip.loss_percent, 4) == D("3.4398")
    assert trip.back + trip.loss == 1_000_000


def test_what_is_not_taken_back_has_no_round_trip():
    card = Tariff(D(1000), D(1010), sells_at=None)

    assert sell(D(1), card) is None
    assert round_trip(D(1), None) is None


@pytest.mark.parametrize("won", ["667.63", "667.635"])
def test_an_amount_that_only_pays_the_fixed_fee_buys_nothing(won):
    assert buy(D(won), Tariff(D(1335), D(1335), None, fixed_fee_won=D("667.635"))) is None


# --- what always holds ------------------------------------------------------------------------


@given(AMOUNTS, MIDS, SPREADS, FEES, DISCOUNTS, DISCOUNTS)
def test_more_discount_never_costs_more(amount, mid, spread, fee, one, other):
    less, more = (
        Tariff(
            mid,
            discounted(mid, posted(mid, spread), discount),
            discounted(mid, posted(mid, -spread), discount),
            fee,
        )
        for discount in sorted((one, other))
    )

    for change in (buy, sell):
        received = [found.received if (found := change(amount, t)) else 0 for t in (less, more)]
        assert received == sorted(received)


@given(AMOUNTS, tariffs())
def test_no_round_trip_gains(amount, tariff):
    for there, back in ((buy, sell), (sell, buy)):
        if change := there(amount, tariff):
            trip = round_trip(amount, back(change.received, tariff))
            assert trip is None or (0 < trip.back <= amount and trip.loss >= 0)


@given(AMOUNTS, MIDS)
def test_not_even_a_round_trip_that_costs_nothing_gains(amount, mid):
    free = Tariff(mid, mid, mid)

    for there, back in ((buy, sell), (sell, buy)):
        if change := there(amount, free):
            trip = round_trip(amount, back(change.received, free))
            assert trip is None or trip.back <= amount


@given(AMOUNTS, AMOUNTS, tariffs())
def test_more_money_never_gets_less_and_what_is_got_is_above_zero(one, other, tariff):
    for change in (buy, sell):
        received = [
            found.received if (found := change(amount, tariff)) else 0 for amount in sorted((one, other))
        ]
        assert received == sorted(received)
        assert all(each >= 0 for each in received)


@given(AMOUNTS, decimals("0.01", "10000", 10), SPREADS)
def test_without_fees_every_amount_the_api_takes_gets_something(amount, mid, spread):
    tariff = Tariff(mid, posted(mid, spread), posted(mid, -spread))

    assert buy(amount, tariff).received > 0
    assert sell(amount, tariff).received > 0


@given(AMOUNTS, MIDS, SPREADS)
def test_a_whole_discount_without_fees_is_the_base_rate_itself(amount, mid, spread):
    free = Tariff(
        mid,
        discounted(mid, posted(mid, spread), D(100)),
        discounted(mid, posted(mid, -spread), D(100)),
    )

    assert (free.buys_at, free.sells_at) == (mid, mid)
    assert buy(amount, free) == buy(amount, Tariff(mid, mid, mid))


@given(AMOUNTS, tariffs())
def test_what_was_received_and_what_it_cost_are_the_amount(amount, tariff):
    with localcontext(prec=120):
        if bought := buy(amount, tariff):
            assert bought.received * tariff.mid + bought.cost == amount
            assert bought.spread_cost + bought.percent_fee + bought.fixed_fee == bought.cost
        if sold := sell(amount, tariff):
            assert sold.received + sold.cost == amount * tariff.mid
            assert sold.spread_cost + sold.percent_fee + sold.fixed_fee == sold.cost


@given(AMOUNTS, tariffs())
def test_nobody_deals_better_than_the_base_rate(amount, tariff):
    for change in (buy, sell):
        if found := change(amount, tariff):
            assert found.cost >= 0
            assert min(found.spread_cost, found.percent_fee, found.fixed_fee) >= 0


@given(AMOUNTS, tariffs())
def test_what_a_wanted_amount_takes_gives_that_amount_and_hardly_more(amount, tariff):
    bought = buy(won_for(amount, tariff), tariff)
    needed = foreign_for(amount, tariff)

    assert needed is not None
    assert bought.received == amount
    sold = sell(needed, tariff)
    # Rounded up in the twentieth decimal of the foreign money; billions of won have ten digits before it.
    with localcontext(prec=60):
        assert amount <= sold.received <= amount + 10 * D("1e-20") * max(1, tariff.mid)


def test_what_a_wanted_amount_takes_by_hand():
    # 100 dollars at 1,010 won and 1 %, 500 won a payment; 98,010 won at 990 and 1 %, the fee on top.
    tariff = Tariff(D(1000), buys_at=D(1010), sells_at=D(990), fee_percent=D(1), fixed_fee_won=D(500))

    assert won_for(D(100), tariff) == D("102510")
    assert foreign_for(D(97510), tariff) == D(100)
    assert foreign_for(D(1), Tariff(D(1000), D(1010), None)) is None
