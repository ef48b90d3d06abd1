"""ingestor.neighbours: what a live value is compared with, and how many queries it takes."""

from datetime import timedelta
from decimal import Decimal

import pytest

from ingestor.models import QuarantinedRate, State
from ingestor.neighbours import around, as_told
from ingestor.quarantine import drop, hold, release
from ingestor.recording import write
from ingestor.screening import screen
from tests.ingestor.observations import FRIDAY, MONDAY, NOW, ORIGIN, observation, sourced

pytestmark = pytest.mark.django_db

THURSDAY = FRIDAY - timedelta(days=1)


def publish(source, *observations):
    """What a live run does with an answer: screen, record, hold; the reasons of what was held."""
    beside = around(source, observations)
    screened = screen(observations, now=NOW + timedelta(days=3), neighbours=beside)
    write(source, sourced(*screened.good))
    held = [
        (one, ORIGIN, reason, as_told(one, beside[one.currency_code])) for one, reason in screened.quarantined
    ]
    hold(source, held, now=NOW)
    return [reason for _, reason in screened.quarantined]


def on_thursday(*sources):
    for source in sources:
        write(source, sourced(observation("1000", day=THURSDAY)))


def test_the_first_to_tell_of_a_devaluation_is_held_and_the_next_that_agree_are_published():
    on_thursday("ecos", "ecb", "fred")

    first, second, third = (
        publish(source, observation(rate))
        for source, rate in [("ecos", "1500"), ("ecb", "1510"), ("fred", "1490")]
    )

    assert first == [
        "moved 50.0% from the previous value, more than 10.0%, and no other provider confirms it"
    ]
    assert (second, third) == ([], [])
    # The one held is published by its own next run.
    assert publish("ecos", observation("1500")) == []


def test_two_that_were_held_at_the_same_moment_confirm_each_other_in_the_next_run():
    on_thursday("ecos", "ecb")
    for source in ("ecos", "ecb"):
        hold(source, [(observation("1500"), ORIGIN, "moved", {})], now=NOW)

    assert publish("ecos", observation("1500")) == []


def test_nobody_confirms_himself():
    on_thursday("ecos")

    assert [len(publish("ecos", observation("1500"))) for _ in range(2)] == [1, 1]
    assert len(publish("ecos", observation("1501", day=MONDAY))) == 1


@pytest.mark.parametrize("decide", [release, drop])
def test_only_what_waits_is_among_the_waiting(decide):
    on_thursday("ecos", "ecb")
    publish("ecb", observation("1500"))
    decide(QuarantinedRate.objects.get().pk, by="kim", note="", now=NOW)

    assert around("ecos", [observation("1500")])["USD"].waiting == ()


def test_a_value_dropped_confirms_nothing():
    on_thursday("ecos", "ecb")
    publish("ecb", observation("1500"))
    drop(QuarantinedRate.objects.get(state=State.WAITING).pk, by="kim", note="", now=NOW)

    assert len(publish("ecos", observation("1500"))) == 1


def test_waiting_values_are_those_of_the_currency_and_of_a_fortnight():
    on_thursday("ecos")
    days = [FRIDAY - timedelta(days=back) for back in (14, 15)]
    values = [*(observation("1500", day=day) for day in days), observation("15", code="JPY")]
    hold("ecb", [(one, ORIGIN, "moved", {}) for one in values], now=NOW)

    found = around("ecos", [observation("1500")])["USD"].waiting

    assert [(one.rate_date, one.rate) for one in found] == [(days[0], Decimal(1500))]


def test_a_jump_within_one_answer_finds_what_waits_elsewhere():
    # Each is within a tenth of Thursday's 1000, and the second is not within a tenth of the first.
    on_thursday("ecos")
    hold("ecb", [(observation("1080"), ORIGIN, "moved", {})], now=NOW)

    assert publish("ecos", observation("910"), observation("1080", day=MONDAY)) == []


def test_only_a_move_costs_a_query_for_what_waits(django_assert_num_queries):
    days = [FRIDAY - timedelta(days=back) for back in (3, 2, 1)]
    write("ecos", sourced(*(observation("1336", day=day) for day in days)))

    with django_assert_num_queries(1):
        around("ecos", [observation("1400")])
    with django_assert_num_queries(2):
        # A fortnight's answer, as ECOS gives it every time: the days before the newest need their past.
        around("ecos", [observation("1337", day=day) for day in (*days, FRIDAY)])
    with django_assert_num_queries(3):
        around("ecos", [observation("1600"), observation("1600", day=MONDAY)])
