"""currency.channels: which terms count, and what is shipped."""

from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import pytest
from django.apps.registry import Apps
from django.core.exceptions import ValidationError

from currency import costs
from currency.apps import _fill
from currency.catalog import is_currency
from currency.channels import channels_for, fill_tables, is_old, shipped
from currency.models import ChannelTerms, PaymentChannel
from tests.factories import make_channel, make_terms

pytestmark = pytest.mark.django_db

D = Decimal
CENT = D("0.01")

#: What Hana Bank notified (KRW; per 100 for JPY and VND): base, cash for who buys, cash for who sells.
#: Read in github.com/abitraco/exrate (1 September 2026, first five) and
#: github.com/Keon-Kor/travel-fx-calculator (28 February 2026).
NOTIFIED = [
    ("USD", "1366.10", "1390.00", "1342.20"),
    ("JPY", "855.52", "870.49", "840.55"),
    ("EUR", "1587.82", "1619.41", "1556.23"),
    ("CNY", "203.38", "213.54", "193.22"),
    ("GBP", "1852.02", "1888.50", "1815.54"),
    ("AUD", "1028.97", "1049.24", "1008.70"),
    ("THB", "46.56", "48.88", "43.77"),
    ("TWD", "46.07", "52.10", "41.47"),
    ("PHP", "25.09", "27.59", "23.04"),
    ("VND", "5.56", "6.21", "4.91"),
]


@pytest.mark.parametrize(("code", "base", "buyer", "seller"), NOTIFIED)
def test_the_shipped_cash_spreads_give_the_rates_the_bank_notified(code, base, buyer, seller):
    terms = ChannelTerms.objects.get(channel="hana-counter", currency_code=code)

    assert terms.sell_spread_percent is not None
    bought = costs.posted(D(base), terms.buy_spread_percent)
    sold = costs.posted(D(base), -terms.sell_spread_percent)

    assert bought.quantize(CENT, ROUND_FLOOR) == D(buyer)
    assert sold.quantize(CENT, ROUND_CEILING) == D(seller)


def test_every_shipped_cash_spread_is_held_against_what_was_notified():
    shipped_codes = ChannelTerms.objects.filter(channel="hana-counter").values_list(
        "currency_code", flat=True
    )

    assert set(shipped_codes) == {code for code, *_ in NOTIFIED}


def test_shipped_terms_name_their_source_and_its_day():
    terms = list(ChannelTerms.objects.all())

    assert len(terms) == sum(len(row["terms"]) for row in shipped()["channels"]) >= 20
    for one in terms:
        one.full_clean()
        assert one.source_name
        assert one.source_url.startswith("https://")
        assert date(2024, 1, 1) <= one.as_of <= date(2026, 11, 23)
        assert one.currency_code == "" or is_currency(one.currency_code)


def test_every_kind_of_channel_is_shipped():
    assert set(PaymentChannel.objects.values_list("kind", flat=True)) == {
        "cash_counter",
        "cash_app",
        "travel_card",
        "credit_card",
    }


def test_filling_again_keeps_what_operators_changed_and_adds_what_is_missing():
    PaymentChannel.objects.filter(key="hana-counter").update(name_ko="창구", is_active=False)
    ChannelTerms.objects.filter(channel="hana-counter", currency_code="JPY").update(buy_spread_percent=9)
    ChannelTerms.objects.filter(channel="hana-counter", currency_code="USD").delete()
    counts = PaymentChannel.objects.count(), ChannelTerms.objects.count()

    fill_tables()

    counter = PaymentChannel.objects.get(key="hana-counter")
    assert (counter.name_ko, counter.is_active) == ("창구", False)
    assert counter.terms.get(currency_code="JPY").buy_spread_percent == 9
    assert counter.terms.get(currency_code="USD").buy_spread_percent == D("1.75")
    assert (PaymentChannel.objects.count(), ChannelTerms.objects.count()) == (counts[0], counts[1] + 1)


def test_a_database_migrated_back_to_before_the_channels_is_not_filled():
    PaymentChannel.objects.all().delete()

    _fill(using="default", apps=Apps())

    assert not PaymentChannel.objects.exists()


# --- which terms count ------------------------------------------------------------------------


@pytest.fixture
def _no_channels():
    PaymentChannel.objects.all().delete()


@pytest.mark.usefixtures("_no_channels")
def test_a_currency_s_own_terms_come_before_those_for_every_other():
    card = make_channel("card")
    make_terms(card, currency_code="", buy_spread_percent=2)
    make_terms(card, currency_code="JPY", buy_spread_percent=1)

    assert [channel.terms.buy_spread_percent for channel in channels_for("JPY")] == [1]
    assert [channel.terms.buy_spread_percent for channel in channels_for("THB")] == [2]


@pytest.mark.usefixtures("_no_channels")
def test_a_channel_without_terms_for_the_currency_is_still_told():
    make_terms(make_channel("counter"), currency_code="USD")

    assert [(channel.key, channel.terms) for channel in channels_for("THB")] == [("counter", None)]


@pytest.mark.usefixtures("_no_channels")
def test_channels_come_in_display_order_and_those_switched_off_do_not():
    make_channel("last", display_order=3)
    make_channel("first", display_order=1)
    make_channel("off", display_order=2, is_active=False)

    assert [channel.key for channel in channels_for("USD")] == ["first", "last"]


def test_channels_and_terms_take_two_queries(django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(channels_for("USD")) == len(shipped()["channels"])


@pytest.mark.parametrize(
    ("as_of", "today", "old"),
    [
        (date(2025, 11, 23), date(2026, 11, 23), False),
        (date(2025, 11, 22), date(2026, 11, 23), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2025, 3, 1), True),
        (date(2026, 11, 24), date(2026, 11, 23), False),
    ],
)
def test_terms_are_old_after_twelve_months(as_of, today, old):
    assert is_old(as_of, today) is old


@pytest.mark.parametrize("field", ["currency_code", "fee_currency"])
@pytest.mark.parametrize("code", ["usd", "ZZZ"])
def test_terms_for_no_currency_are_refused(field, code):
    terms = make_terms(make_channel("card"), currency_code="USD")
    setattr(terms, field, code)

    with pytest.raises(ValidationError) as refused:
        terms.full_clean()

    assert set(refused.value.message_dict) == {field}
