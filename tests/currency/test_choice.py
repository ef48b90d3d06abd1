"""currency.quotes.choose: whose figure is shown."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from currency.models import Provider
from currency.quotes import Leg, choose

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # Friday, 18:00 in Seoul
FRIDAY, THURSDAY, OLD = date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 10)


def provider(key: str, priority: int) -> Provider:
    return Provider(
        key=key,
        priority=priority,
        time_zone="Asia/Seoul",
        fixing_time=time(8, 30),
        publication_time=time(11, 0),
        calendar="KR",
        grace_minutes=0,
    )


BANK, OTHER = provider("bank", 1), provider("other", 2)


def leg(source: str, rate: str, day: date = FRIDAY, **more: Decimal) -> Leg:
    fixed_at = datetime.combine(day, time(), UTC)
    return Leg(source, day, fixed_at, fixed_at, FRIDAY, Decimal(rate), **more)


def test_the_most_believed_provider_wins_while_it_is_fresh():
    legs = {"USD": {"other": leg("other", "1390"), "bank": leg("bank", "1392.4")}}

    quote = choose("USD", "KRW", legs, [BANK, OTHER], NOW)

    assert (quote.source, quote.rate, quote.stale) == ("bank", Decimal("1392.4"), False)


def test_a_provider_that_missed_its_own_publication_gives_way_to_the_next():
    legs = {"USD": {"bank": leg("bank", "1392.4", THURSDAY), "other": leg("other", "1390")}}

    quote = choose("USD", "KRW", legs, [BANK, OTHER], NOW)

    assert (quote.source, quote.stale) == ("other", False)


def test_when_all_are_stale_the_newest_is_shown_and_says_so():
    legs = {"USD": {"bank": leg("bank", "1400", OLD), "other": leg("other", "1390", THURSDAY)}}

    quote = choose("USD", "KRW", legs, [BANK, OTHER], NOW)

    assert (quote.source, quote.rate_date, quote.stale) == ("other", THURSDAY, True)


def test_a_cross_never_mixes_two_providers():
    # The bank has no dong: the whole cross is the other provider's, dollar included.
    legs = {
        "USD": {"bank": leg("bank", "1392.4"), "other": leg("other", "1390")},
        "VND": {"other": leg("other", "0.0556")},
    }

    quote = choose("USD", "VND", legs, [BANK, OTHER], NOW)

    assert quote.source == "other"
    assert quote.rate == Decimal(1390) / Decimal("0.0556")


def test_no_provider_with_both_currencies_means_no_quote():
    legs = {"USD": {"bank": leg("bank", "1392.4")}, "VND": {"other": leg("other", "0.0556")}}

    assert choose("USD", "VND", legs, [BANK, OTHER], NOW) is None


def test_a_cross_is_as_old_as_its_older_figure():
    legs = {"USD": {"bank": leg("bank", "1392.4")}, "JPY": {"bank": leg("bank", "9.46", OLD)}}

    quote = choose("USD", "JPY", legs, [BANK], NOW)

    assert (quote.rate_date, quote.stale) == (OLD, True)


def test_wire_rates_are_told_against_won_and_never_crossed():
    dollar = leg("bank", "1392.4", tts=Decimal("1406.2"), ttb=Decimal("1378.6"))
    legs = {"USD": {"bank": dollar}, "JPY": {"bank": leg("bank", "9.46")}}

    against_won = choose("USD", "KRW", legs, [BANK], NOW)
    against_yen = choose("USD", "JPY", legs, [BANK], NOW)

    assert (against_won.tts, against_won.ttb) == (Decimal("1406.2"), Decimal("1378.6"))
    assert (against_yen.tts, against_yen.ttb) == (None, None)


def test_the_won_itself_is_priced_in_the_other_money():
    quote = choose("KRW", "USD", {"USD": {"bank": leg("bank", "1250")}}, [BANK], NOW)

    assert quote.rate == Decimal("0.0008")


rates = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10000), places=10)


@given(rates, rates)
def test_there_and_back_is_where_one_started(one, other):
    legs = {"USD": {"bank": leg("bank", str(one))}, "JPY": {"bank": leg("bank", str(other))}}

    there = choose("USD", "JPY", legs, [BANK], NOW).rate
    back = choose("JPY", "USD", legs, [BANK], NOW).rate

    assert abs(there * back - 1) < Decimal("1e-6")


@given(rates, rates, rates)
def test_triangles_close(one, two, three):
    legs = {
        code: {"bank": leg("bank", str(rate))}
        for code, rate in zip(("USD", "JPY", "EUR"), (one, two, three), strict=True)
    }

    def cross(code: str, base: str) -> Decimal:
        return choose(code, base, legs, [BANK], NOW).rate

    assert abs(cross("USD", "JPY") * cross("JPY", "EUR") * cross("EUR", "USD") - 1) < Decimal("1e-6")
