"""Bursts left out of the rankings: what a stretch of a day takes out, and what becomes of the counts."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from config.cache import shared
from ranking import exclusion, recalculation
from ranking.burst import Hour, Span, by_hour, span_of, taken_out
from ranking.exclusion import SelectionsGone, UndoneAlready
from ranking.left_out import DOCUMENT, without
from ranking.models import RankingExclusion
from ranking.selection import Chosen, Count
from ranking.statistics import country_statistics
from ranking.stores import store
from ranking.tally import tally
from tests.ranking.submissions import SUNDAY, make_submission

NIGHT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)  # 23:00 on Sunday, in Seoul


def at(hour: int, minute: int = 0) -> datetime:
    """On Sunday, in Seoul."""
    return datetime(2026, 11, 21, 15, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)


def span(first: int, last: int) -> Span:
    return Span(at(first), at(last))


# --- what a span takes out, in plain data -----------------------------------------------------


def test_a_span_takes_out_its_selections_and_the_visitors_who_have_no_others():
    choices = [
        Chosen(at(10), "bot 1"),
        Chosen(at(10, 1), "bot 1"),
        Chosen(at(10, 2), "bot 2"),
        Chosen(at(10, 3), "person"),
        Chosen(at(15), "person"),
    ]

    assert taken_out(choices, [span(10, 11)]) == [Count(4, 2)]


def test_the_first_moment_belongs_to_a_span_and_the_last_does_not():
    choices = [Chosen(at(10), "a"), Chosen(at(11), "b")]

    assert taken_out(choices, [span(10, 11)]) == [Count(1, 1)]


def test_what_two_spans_share_is_taken_out_once():
    choices = [Chosen(at(10), "a"), Chosen(at(11), "b"), Chosen(at(12), "c")]

    assert taken_out(choices, [span(10, 12), span(11, 13)]) == [Count(2, 2), Count(1, 1)]


def test_a_visitor_of_two_bursts_goes_with_the_second():
    choices = [Chosen(at(10), "bot"), Chosen(at(20), "bot")]

    assert taken_out(choices, [span(10, 11)]) == [Count(1, 0)]
    assert taken_out(choices, [span(10, 11), span(20, 21)]) == [Count(1, 0), Count(1, 1)]


def test_without_spans_nothing_is_taken_out():
    assert taken_out([Chosen(at(10), "a")], []) == []


moments = st.integers(min_value=0, max_value=23).map(at)
some_choices = st.lists(st.builds(Chosen, moments, st.sampled_from("abcd")), max_size=30)
some_spans = st.lists(
    st.tuples(st.integers(0, 23), st.integers(1, 6)).map(lambda both: span(both[0], both[0] + both[1])),
    max_size=5,
)


@given(some_choices, some_spans)
def test_together_they_take_out_what_all_of_them_cover_and_no_more(choices, spans):
    taken = taken_out(choices, spans)

    gone = [choice for choice in choices if any(choice.selected_at in one for one in spans)]
    left = [choice for choice in choices if choice not in gone]
    everybody = {choice.visitor for choice in choices}
    assert sum(count.selections for count in taken) == len(gone)
    assert sum(count.visitors for count in taken) == len(everybody) - len({one.visitor for one in left})
    assert all(count.selections >= 0 and count.visitors >= 0 for count in taken)


@given(some_choices, some_spans, st.randoms())
def test_what_is_taken_out_in_all_does_not_depend_on_the_order(choices, spans, shuffler):
    shuffled = list(spans)
    shuffler.shuffle(shuffled)

    one, other = (taken_out(choices, each) for each in (spans, shuffled))

    assert sum(count.selections for count in one) == sum(count.selections for count in other)
    assert sum(count.visitors for count in one) == sum(count.visitors for count in other)


counts = st.builds(Count, st.integers(0, 10_000), st.integers(0, 10_000))


@given(st.dictionaries(st.sampled_from(["JP", "US", "DE"]), counts), counts)
def test_counts_without_what_is_left_out_are_never_negative(of_day, taken):
    left = without(of_day, SUNDAY, {"2026-11-22": {"JP": [taken.selections, taken.visitors]}})

    assert all(count.selections >= 0 and count.visitors >= 0 for count in left.values())
    assert {code: count for code, count in left.items() if code != "JP"} == {
        code: count for code, count in of_day.items() if code != "JP" and count != Count()
    }


def test_a_seoul_day_ends_at_its_midnight():
    assert span_of(SUNDAY, time(23, 30), time()) == Span(at(23, 30), at(24))
    assert span_of(SUNDAY, time(), time(0, 1)) == Span(at(0), at(0, 1))


def test_a_day_is_counted_by_the_hour_in_seoul():
    choices = [Chosen(at(0), "a"), Chosen(at(0, 59), "a"), Chosen(at(0, 30), "b"), Chosen(at(23, 59), "a")]

    hours = by_hour(choices)

    assert (len(hours), hours[0], hours[1], hours[23]) == (24, Hour(0, 3, 2), Hour(1, 0, 0), Hour(23, 1, 1))


# --- on either store --------------------------------------------------------------------------


@pytest.fixture
def operator(db):
    return User.objects.create_user("kim")


@pytest.fixture
def chosen(db, kept, settings):
    """The store of this installation is the one under test."""
    settings.SELECTION_STORE = "sql" if kept.name == "database" else "dynamodb"
    settings.SELECTION_SHARDS = 1  # a ranking reads 60 days of each
    return kept


def select(kept, hour: int, visitor: str, *countries: str, day: date = SUNDAY) -> None:
    moment = at(hour) + (day - SUNDAY)
    kept.add(make_submission(*countries, selected_at=moment, day=day, visitor=visitor.ljust(32, "0")))


@pytest.fixture
def burst(chosen):
    """Five bots at ten, one of which comes back at eleven; two people, one of them at ten as well."""
    for bot in range(5):
        for _ in range(3):
            select(chosen, 10, f"b{bot}", "JP")
    select(chosen, 11, "b4", "JP")
    select(chosen, 9, "c1", "JP", "US")
    select(chosen, 10, "c2", "JP")
    select(chosen, 15, "c2", "JP")
    return chosen


def leave_out(operator, first: int, last: int, **more):
    asked = {"why": "a script", "by": operator, "now": NIGHT, **more}
    return exclusion.exclude("JP", span(first, last), **asked)


def japan(day: date = SUNDAY, today: date = SUNDAY) -> Count | None:
    return tally(store(), [day], today=today)[day].get("JP")


def test_before_it_is_left_out_it_is_told_what_that_would_take(burst, operator):
    told = exclusion.span_taken("JP", span(10, 11), now=NIGHT)

    # 15 of bots and 1 of a person; four bots have nothing else.
    assert (told.would_take, told.counted) == (Count(16, 4), Count(19, 7))
    assert RankingExclusion.objects.count() == 0


def test_rankings_count_without_a_burst_and_the_selections_stay(burst, operator):
    made = leave_out(operator, 10, 11)

    assert (made.selections, made.visitors, made.made_by) == (16, 4, "kim")
    assert japan() == Count(3, 3)
    assert store().counts([SUNDAY])[SUNDAY]["JP"] == Count(19, 7)
    assert len(list(store().selections(SUNDAY, "JP"))) == 19
    # The United States of the same visitor are not touched.
    assert tally(store(), [SUNDAY], today=SUNDAY)[SUNDAY]["US"] == Count(1, 1)


def test_a_second_stretch_takes_the_bot_that_came_back(burst, operator):
    first = leave_out(operator, 10, 11)
    second = leave_out(operator, 11, 12)

    assert (first.visitors, second.selections, second.visitors) == (4, 1, 1)
    assert japan() == Count(2, 2)


def test_undone_it_counts_again_and_the_others_are_counted_anew(burst, operator):
    first = leave_out(operator, 10, 11)
    second = leave_out(operator, 11, 12)

    exclusion.undo(first.pk, why="people after all", by=operator, now=NIGHT)

    second.refresh_from_db()
    assert (second.selections, second.visitors) == (1, 0)
    assert japan() == Count(18, 7)
    with pytest.raises(UndoneAlready):
        exclusion.undo(first.pk, why="again", by=operator, now=NIGHT)
    exclusion.undo(second.pk, why="all of it", by=operator, now=NIGHT)
    assert japan() == Count(19, 7)
    assert store().documents([DOCUMENT])[DOCUMENT].body == {}


def test_a_sealed_day_is_told_without_it_and_whole_again_when_it_is_undone(burst, operator):
    later = SUNDAY + timedelta(days=3)
    assert japan(today=later) == Count(19, 7)
    seal = store().documents(["day#2026-11-22"])["day#2026-11-22"]

    made = leave_out(operator, 10, 11, now=NIGHT + timedelta(days=3))

    assert japan(today=later) == Count(3, 3)
    assert store().documents(["day#2026-11-22"])["day#2026-11-22"] == seal
    exclusion.undo(made.pk, why="people", by=operator, now=NIGHT + timedelta(days=3))
    assert japan(today=later) == Count(19, 7)


def test_the_ranking_and_the_statistics_are_made_without_it(burst, operator):
    leave_out(operator, 10, 11)

    recalculation.recalculate(now=NIGHT, periods=("daily",))
    [ranking] = store().documents(["daily"]).values()

    assert [(place["country_code"], place["score"]) for place in ranking.body["ranking"]] == [
        ("JP", 3),
        ("US", 1),
    ]
    assert ranking.body["totals"]["selections"] == 4
    assert country_statistics("JP", 7, now=NIGHT).total_selections == 3


def test_a_burst_that_goes_on_and_a_visitor_who_comes_back_are_counted_later(burst, operator):
    leave_out(operator, 10, 12)
    assert japan() == Count(2, 2)
    select(burst, 11, "b9", "JP")  # in the span, by a bot of its own
    select(burst, 20, "b0", "JP")  # outside of it, by a visitor who had gone

    exclusion.recount(since=SUNDAY, now=NIGHT)

    assert japan() == Count(3, 3)


def test_what_is_wrong_in_the_document_is_mended_from_the_table(burst, operator):
    leave_out(operator, 10, 11)
    kept = store().documents([DOCUMENT])[DOCUMENT]
    store().write(DOCUMENT, {}, expected=kept.version)
    shared.release("ranking:recounted")  # five minutes later

    exclusion.keep_up(now=NIGHT)

    assert japan() == Count(3, 3)
    assert exclusion.publish() is False


def test_a_day_whose_selections_have_expired_cannot_be_looked_into(burst, operator):
    with pytest.raises(SelectionsGone):
        leave_out(operator, 10, 11, now=NIGHT + timedelta(days=89))
    with pytest.raises(SelectionsGone):
        exclusion.span_taken("JP", span(10, 11), now=NIGHT + timedelta(days=89))


def test_a_day_whose_selections_have_expired_is_not_counted_again(burst, operator):
    made = leave_out(operator, 10, 11)
    before = (made.selections, made.visitors)
    select(burst, 10, "b9", "JP")  # stands for one that has expired: what is there is not what was

    exclusion.recount(since=SUNDAY, now=NIGHT + timedelta(days=89))
    made.refresh_from_db()
    assert (made.selections, made.visitors) == before
    exclusion.recount(since=SUNDAY, now=NIGHT + timedelta(days=88))

    made.refresh_from_db()
    assert made.selections == before[0] + 1


def test_undone_after_the_selections_expired_the_others_keep_what_they_took(burst, operator):
    first, second = leave_out(operator, 10, 11), leave_out(operator, 11, 12)

    exclusion.undo(first.pk, why="late", by=operator, now=NIGHT + timedelta(days=100))

    second.refresh_from_db()
    assert (second.selections, second.visitors, japan()) == (1, 1, Count(18, 6))


@pytest.mark.parametrize(
    ("why", "asked"),
    [
        (" ", span(10, 11)),
        ("why", span(11, 10)),
        ("why", Span(at(23), at(25))),
        ("why", Span(at(24 + 1), at(24 + 2))),
    ],
)
def test_what_cannot_be_left_out_is_an_error_of_the_caller(operator, why, asked):
    with pytest.raises(ValueError, match=r"reason|left out|one Seoul day"):
        exclusion.exclude("JP", asked, why=why, by=operator, now=NIGHT)


def test_who_and_why_are_noted_beside_it(operator):
    made = leave_out(operator, 10, 11)
    exclusion.undo(made.pk, why="people", by=operator, now=NIGHT)

    first, second = LogEntry.objects.order_by("pk")
    assert first.change_message == "순위에서 제외: 선택 0건, 방문자 0명 — a script"
    assert (second.change_message, second.object_id) == ("순위에 다시 포함 — people", str(made.pk))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("exclusion_ends_after_it_begins", {"ends_at": at(10)}),
        ("exclusion_has_a_reason", {"reason": ""}),
        ("exclusion_has_a_reason", {"made_by": ""}),
        ("exclusion_undone_for_a_reason", {"undone_at": NIGHT, "undone_by": "kim"}),
    ],
)
def test_an_impossible_exclusion_is_refused_by_the_database(constraint, values):
    row = {"country_code": "JP", "day": SUNDAY, "begins_at": at(10), "ends_at": at(11), "reason": "why"}

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        RankingExclusion.objects.create(**{**row, "made_at": NIGHT, "made_by": "kim", **values})

    assert constraint in str(refused.value)
