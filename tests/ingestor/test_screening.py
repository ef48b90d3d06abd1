"""ingestor.screening: what is published, what an operator sees first, what is unusable."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from currency.schedule import fixing_instant
from ingestor.registry import profiles
from ingestor.screening import AHEAD, Neighbours, screen
from tests.ingestor.observations import FRIDAY, NOW, days_before, fixed_on, known, observation

THURSDAY = FRIDAY - timedelta(days=1)


def verdict(one, **around):
    """(list it ended in, reason) of a single live value."""
    screened = screen([one], now=NOW, neighbours={one.currency_code: Neighbours(**around)})
    if screened.good:
        assert (screened.good, screened.quarantined, screened.rejected) == ([one], [], [])
        return "good", ""
    [(name, [(found, reason)])] = [(n, v) for n in ("quarantined", "rejected") if (v := getattr(screened, n))]
    assert found is one
    return name, reason


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (observation("NaN"), "not a number"),
        (observation("Infinity"), "not a number"),
        (observation("0"), "zero"),
        (observation("-1336.1"), "negative"),
        (observation("10000000000"), "outside what a price can be"),
        (observation("0.00000000009"), "outside what a price can be"),
        (observation(code="XXX"), "unknown currency code"),
        (observation(code="QQQ"), "unknown currency code"),
        (observation("1", code="KRW"), "unknown currency code"),
        (observation(at=NOW + AHEAD + timedelta(seconds=1)), "fixing in the future"),
        (observation(day=date(1959, 12, 31)), "fixing before 1960"),
        (observation(tts="1336.0"), "tts below the base rate or no number"),
        (observation(tts="NaN"), "tts below the base rate or no number"),
        (observation(ttb="1336.2"), "ttb above the base rate or no number"),
        (observation(ttb="0"), "ttb above the base rate or no number"),
    ],
)
@pytest.mark.parametrize("neighbours", [None, {}], ids=["history", "live"])
def test_what_can_be_no_price_is_rejected_from_history_and_live_alike(one, reason, neighbours):
    screened = screen([one], now=NOW, neighbours=neighbours)

    assert (screened.good, screened.quarantined, screened.rejected) == ([], [], [(one, reason)])


@pytest.mark.parametrize(
    "one",
    [
        observation(tts="1336.1", ttb="1336.1"),
        observation(at=NOW + AHEAD),
        observation("0.0000000001", code="TRL"),
        observation("9999999999", code="KWD"),
    ],
)
def test_what_is_just_possible_is_good(one):
    assert verdict(one) == ("good", "")


def test_history_reaches_back_to_1960():
    oldest = observation(day=date(1960, 1, 1))

    assert screen([oldest], now=NOW, neighbours=None).good == [oldest]


@pytest.mark.parametrize(
    ("key", "rate_date", "told_at", "readable"),
    [
        # From each provider's own pages: the hour of the fixing in its zone, and that of the publication.
        ("ecos", date(2026, 10, 30), None, datetime(2026, 10, 30, 0, 30, tzinfo=UTC)),
        ("eximbank", date(2026, 10, 30), None, datetime(2026, 10, 30, 2, 0, tzinfo=UTC)),
        ("ecb", date(2026, 10, 30), None, datetime(2026, 10, 30, 15, 0, tzinfo=UTC)),
        ("fred", date(2026, 10, 23), None, datetime(2026, 10, 26, 20, 20, tzinfo=UTC)),
        # It tells the second of its update; our clock may be a little behind it.
        (
            "exchangerate_api",
            date(2026, 10, 30),
            datetime(2026, 10, 30, 0, 2, 32, tzinfo=UTC),
            datetime(2026, 10, 30, 0, 2, 0, tzinfo=UTC),
        ),
    ],
)
def test_what_a_provider_has_just_published_is_neither_future_nor_old(key, rate_date, told_at, readable):
    fixed_at = told_at or fixing_instant(profiles()[key], rate_date)
    one = observation(day=rate_date, at=fixed_at)

    assert screen([one], now=readable, neighbours={}).good == [one]


def test_a_live_value_is_of_the_last_31_days_and_history_may_be_older():
    month_old, older = observation(day=date(2026, 9, 29)), observation(day=date(2026, 9, 28))

    live, history = screen([month_old, older], now=NOW, neighbours={}), screen([month_old, older], now=NOW)

    assert (live.good, live.rejected) == (
        [month_old],
        [(older, "fixing more than 31 days old in a live answer")],
    )
    assert history.good == [older, month_old]


def test_a_zone_does_not_excuse_a_fixing_of_tomorrow():
    early = observation(at=datetime(2026, 10, 30, 6, 0, 1, tzinfo=UTC))  # an hour and a second after NOW

    assert screen([early], now=NOW).rejected == [(early, "fixing in the future")]


def test_two_values_for_one_fixing_in_one_answer_cannot_both_be_right():
    first, twin, other = observation("1336.1"), observation("1336.1"), observation("1337.1")

    screened = screen([first, twin, other], now=NOW)

    assert screened.good == [first, twin]
    assert screened.rejected == [(other, "another value for the same fixing in one answer")]


def test_a_move_of_a_tenth_is_published_and_a_larger_one_is_held():
    quiet = [known(1000, day=day) for day in days_before(FRIDAY, 61)]

    assert verdict(observation("1100"), recent=quiet) == ("good", "")
    assert verdict(observation("900"), recent=quiet) == ("good", "")
    assert verdict(observation("1100.2"), recent=quiet) == (
        "quarantined",
        "moved 10.0% from the previous value, more than 10.0%, and no other provider confirms it",
    )
    assert verdict(observation("899"), recent=quiet)[0] == "quarantined"


def test_a_restless_currency_may_move_ten_standard_deviations():
    # Log returns of +2 % and -2 % in turn: mean 0, sum of squares 60 * 0.0004 over 59 is 0.000406...,
    # so sigma is 2.0169 % and ten of them 20.17 %.
    rates = [1000.0 if step % 2 == 0 else 1000.0 * 2.718281828459045**0.02 for step in range(61)]
    restless = [known(rate, day=day) for rate, day in zip(rates, days_before(FRIDAY, 61), strict=True)]
    assert restless[-1].rate == 1000

    assert verdict(observation("1200"), recent=restless) == ("good", "")
    assert verdict(observation("1203"), recent=restless)[0] == "quarantined"


def test_only_the_last_sixty_returns_count():
    # A wild day 61 returns ago is forgotten; one return later it would allow everything.
    calm = [known(1000, day=day) for day in days_before(FRIDAY, 61)]
    wild = [known(1, day=calm[0].rate_date - timedelta(days=1)), *calm]

    assert verdict(observation("1150"), recent=wild)[0] == "quarantined"
    assert verdict(observation("1150"), recent=wild[:-1]) == ("good", "")


def test_another_provider_confirms_a_jump_within_a_twentieth():
    before = [known(1000, day=THURSDAY)]

    assert verdict(observation("1200"), recent=before, others={"ecb": known(1143, day=THURSDAY)}) == (
        "good",
        "",
    )
    assert (
        verdict(observation("1200"), recent=before, others={"ecb": known(1140, day=THURSDAY)})[0]
        == "quarantined"
    )


def test_a_value_of_last_month_confirms_nothing():
    before = [known(1000, day=THURSDAY)]
    within, beyond = FRIDAY - timedelta(days=14), FRIDAY - timedelta(days=15)

    assert verdict(observation("1200"), recent=before, others={"ecb": known(1200, day=within)}) == (
        "good",
        "",
    )
    assert (
        verdict(observation("1200"), recent=before, others={"ecb": known(1200, day=beyond)})[0]
        == "quarantined"
    )


@pytest.mark.parametrize(
    ("rate", "reason"),
    [
        ("0.00074845", "looks inverted: 1/x is near the previous value"),
        ("133610", "looks 100 times too large beside the previous value"),
        ("13.361", "looks 100 times too small beside the previous value"),
    ],
)
def test_a_value_in_disguise_is_held_and_says_so_even_if_another_provider_has_it_too(rate, reason):
    before = [known("1336.1", day=THURSDAY)]

    assert verdict(observation(rate), recent=before, others={"ecb": known(rate, day=THURSDAY)}) == (
        "quarantined",
        reason,
    )


@pytest.fixture
def argentina():
    """Sixty returns, one of them the peso's fall of December 2023 to 0.456 of the day before.

    ln 0.456 is -0.785; its square over 59, less the mean's part, is 0.01028, so sigma is 10.1 % and ten
    of them 101 %: more than any fall can be.
    """
    rates = ["3.5789"] * 50 + ["1.6320"] * 11
    return [known(rate, day=day) for rate, day in zip(rates, days_before(FRIDAY, 61), strict=True)]


@pytest.mark.parametrize(
    ("rate", "reason"),
    [
        ("0.6127", "looks inverted: 1/x is near the previous value"),
        ("0.01632", "looks 100 times too small beside the previous value"),
        ("163.2", "looks 100 times too large beside the previous value"),
    ],
)
def test_a_devaluation_does_not_open_the_door_to_values_in_disguise(argentina, rate, reason):
    assert verdict(observation(rate, code="ARS"), recent=argentina) == ("quarantined", reason)


def test_after_a_devaluation_another_one_is_no_surprise(argentina):
    assert verdict(observation("0.9", code="ARS"), recent=argentina) == ("good", "")


def test_a_currency_worth_about_one_won_is_not_upside_down():
    assert verdict(observation("0.97", code="ARS"), recent=[known("1.02", day=THURSDAY)]) == ("good", "")


def test_what_other_providers_hold_back_confirms_a_jump():
    before = [known(1000, day=THURSDAY)]
    long_ago = FRIDAY - timedelta(days=15)

    assert verdict(observation("1500"), recent=before, waiting=[known(1430, day=FRIDAY)]) == ("good", "")
    for waiting in (known(1420, day=FRIDAY), known(1500, day=long_ago)):
        assert verdict(observation("1500"), recent=before, waiting=[waiting])[0] == "quarantined"


def test_two_providers_with_the_same_value_in_disguise_do_not_vouch_for_each_other():
    before, twin = [known("1336.1", day=THURSDAY)], known("133610", day=FRIDAY)

    assert verdict(observation("133610"), recent=before, waiting=[twin])[0] == "quarantined"


@pytest.mark.parametrize("before", [[], [known(1000, day=THURSDAY)]], ids=["first value", "known"])
def test_wire_rates_a_quarter_away_from_the_base_rate_are_held(before):
    assert verdict(observation("1000", tts="1250", ttb="750"), recent=before) == ("good", "")
    assert verdict(observation("1000", tts="1250.01", ttb="990"), recent=before) == (
        "quarantined",
        "tts is more than 1.25 times the base rate",
    )
    assert verdict(observation("1000", tts="1010", ttb="749.99"), recent=before) == (
        "quarantined",
        "ttb is less than 0.75 times the base rate",
    )


def test_wire_rates_of_history_are_taken_as_they_are():
    crisis = observation("1000", day=date(1998, 1, 5), tts="1300", ttb="700")

    assert screen([crisis], now=NOW).good == [crisis]


def test_a_first_value_is_compared_with_other_providers():
    assert verdict(observation("1336.1")) == ("good", "")
    assert verdict(observation("1336.1"), others={"ecb": known(1300, day=THURSDAY)}) == ("good", "")
    assert verdict(observation("883.57", code="JPY"), others={"ecb": known("8.84", day=THURSDAY)}) == (
        "quarantined",
        "looks 100 times too large beside another provider's value",
    )
    assert verdict(observation("0.000748"), others={"ecb": known(1336, day=THURSDAY)})[0] == "quarantined"
    # Far from the other, but in no known disguise: black market, devaluation; nothing to say it is wrong.
    assert verdict(observation("2000"), others={"ecb": known(1336, day=THURSDAY)}) == ("good", "")


def test_a_correction_is_compared_with_the_figure_it_corrects():
    recent = [known(1000, day=THURSDAY), known(1300, day=FRIDAY)]

    assert verdict(observation("1300"), recent=recent) == ("good", "")
    assert verdict(observation("1000"), recent=recent)[0] == "quarantined"


def test_a_late_value_is_compared_with_what_came_before_it_not_with_the_newest():
    recent = [known(1000, day=THURSDAY - timedelta(days=1)), known(1300, day=FRIDAY)]

    assert verdict(observation("1010", day=THURSDAY), recent=recent) == ("good", "")


def test_good_values_of_an_answer_stand_beside_the_later_ones_in_it():
    first, second, third = (
        observation(rate, day=FRIDAY - timedelta(days=2 - step))
        for step, rate in enumerate(["1090", "1180", "1400"])
    )

    screened = screen(
        [third, first, second],
        now=NOW,
        neighbours={"USD": Neighbours(recent=[known(1000, day=FRIDAY - timedelta(days=3))])},
    )

    assert screened.good == [first, second]
    assert [one for one, _ in screened.quarantined] == [third]


def test_history_is_not_screened_for_jumps():
    devalued = [observation("964.8", day=date(1997, 11, 3)), observation("1962", day=date(1997, 12, 24))]

    assert screen(devalued, now=NOW).good == devalued


def test_every_value_ends_in_exactly_one_list():
    values = [
        observation(str(Decimal(1000) + step * 97), day=FRIDAY - timedelta(days=step), code=code)
        for step in range(9)
        for code in ("USD", "XXX", "JPY")
    ]

    screened = screen(values, now=NOW, neighbours={})

    held, refused = ([one for one, _ in pairs] for pairs in (screened.quarantined, screened.rejected))
    assert len(screened.good) + len(held) + len(refused) == 27
    assert {id(one) for one in (*screened.good, *held, *refused)} == {id(one) for one in values}


def test_fixings_are_in_utc_as_the_test_says():
    assert fixed_on(FRIDAY).isoformat() == "2026-10-29T23:30:00+00:00"
