"""The demonstration: a week that nobody made, the same every time, and taken out again to the last count."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ranking import demo, exclusion, personal
from ranking.burst import Span
from ranking.models import DailyCount, RankingResult, Selection, Visit
from ranking.recording import Choice, record
from ranking.selection import DayCounts
from ranking.stores import store
from ranking.tally import tally
from ranking.window import last_days, seoul_day
from tests.ranking.submissions import SUNDAY, make_submission

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)  # 15:00 on Sunday, in Seoul
WEEK = list(last_days(7, SUNDAY).days())


@pytest.fixture
def chosen(db, kept, settings):
    """The store of this installation is the one under test."""
    settings.SELECTION_STORE = "sql" if kept.name == "database" else "dynamodb"
    settings.SELECTION_SHARDS = 1  # a ranking reads 60 days of each
    return kept


def seeded(now=NOW, visits=2) -> int:
    return sum(demo.seed(demo.missing(now=now, visits=visits), now=now))


def everything(kept):
    return {day: dict(counts) for day, counts in kept.counts(WEEK).items()}, {
        day: sorted(one.selection_id for one in kept.selections(day)) for day in WEEK
    }


# --- what is made up --------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_week_is_about_two_thousand_selections_and_the_same_every_time():
    week = [one.choices for day in WEEK for one in demo.made_up(day)]

    assert [one.choices for day in WEEK for one in demo.made_up(day)] == week
    assert 1_700 < sum(map(len, week)) < 2_300


@pytest.mark.django_db
def test_everything_about_them_says_what_they_are():
    made = demo.made_up(SUNDAY)

    assert len(made) > 100
    assert {one.referrer for one in made} == {"demo"}
    assert all(personal.decrypt(one.user).startswith("demo-user-") for one in made)
    assert all(demo.is_ours(selection_id) for one in made for selection_id, _ in one.choices)
    assert all(seoul_day(one.selected_at) == one.day == SUNDAY for one in made)


@pytest.mark.django_db
def test_japan_leads_and_evenings_are_busier_than_nights():
    week = [one for day in WEEK for one in demo.made_up(day)]

    countries = Counter(country for one in week for _, country in one.choices)
    hours = Counter((one.selected_at + timedelta(hours=9)).hour for one in week)
    assert countries.most_common(1)[0][0] == "JP"
    assert len(countries) > 15
    assert sum(hours[hour] for hour in (20, 21, 22)) > 5 * sum(hours[hour] for hour in (3, 4, 5))


@examples(max_examples=20, deadline=None)
@given(days=st.integers(0, 2000))
@pytest.mark.django_db
def test_no_two_selections_have_one_id(days):
    day = SUNDAY + timedelta(days=days)

    ids = [selection_id for one in demo.made_up(day) for selection_id, _ in one.choices]

    assert len(set(ids)) == len(ids)
    assert {len(selection_id) for selection_id in ids} == {32}


@pytest.mark.django_db
def test_a_real_selection_is_none_of_ours():
    taken = Choice(
        countries=("JP",), user_id="demo-user-0001", address="192.0.2.1", agent="", referrer="demo"
    )

    assert not any(demo.is_ours(record(taken, now=NOW).selection_ids[0]) for _ in range(20))


# --- on either store --------------------------------------------------------------------------


def test_a_week_is_filled_and_ranked_up_to_now(chosen):
    assert demo.is_seeded() is False

    added = seeded()

    counts, stored = everything(chosen)
    assert demo.is_seeded() is True
    assert (
        sum(len(ids) for ids in stored.values())
        == added
        == sum(count.selections for of_day in counts.values() for count in of_day.values())
    )
    assert all(one.selected_at <= NOW for one in chosen.selections(SUNDAY))
    assert chosen.documents(["weekly"])["weekly"].body["totals"]["selections"] == added


def test_twice_is_once(chosen):
    seeded()
    before = everything(chosen)

    again = seeded()

    assert (again, everything(chosen)) == (0, before)


def test_a_run_that_was_stopped_is_gone_on_with(chosen):
    wanted = demo.missing(now=NOW, visits=2)
    stopped = demo.seed(wanted, now=NOW)
    next(stopped)
    stopped.close()
    assert demo.is_seeded() is True

    seeded()

    _, stored = everything(chosen)
    assert sum(len(ids) for ids in stored.values()) == sum(len(one.choices) for one in wanted)


def test_removed_it_has_never_been_and_what_is_real_stays(chosen):
    chosen.add(
        make_submission(
            "JP", "US", selected_at=NOW, visitor="a" * 32, user=personal.encrypt("demo-user-0001")
        )
    )
    chosen.add(make_submission("JP", selected_at=NOW, visitor="b" * 32, referrer="demo"))
    before = everything(chosen)
    added = seeded()

    removed = sum(demo.remove(now=NOW))

    assert removed == added > 10
    assert everything(chosen) == before
    assert demo.is_seeded() is False
    assert sum(demo.remove(now=NOW)) == 0
    assert chosen.documents(["weekly"])["weekly"].body["totals"]["selections"] == 3


def test_sealed_days_are_sealed_again_both_ways(chosen):
    empty: dict[date, DayCounts] = {day: {} for day in WEEK}
    assert tally(chosen, WEEK, today=SUNDAY) == empty  # and sealed so
    seeded()

    filled, counted = tally(chosen, WEEK, today=SUNDAY), chosen.counts(WEEK)
    sum(demo.remove(now=NOW))

    assert filled == counted != empty
    assert tally(chosen, WEEK, today=SUNDAY) == empty


def test_filled_again_after_it_was_removed_it_is_all_there(chosen):
    added = seeded()
    sum(demo.remove(now=NOW))

    assert seeded() == added


@pytest.mark.django_db
def test_no_mark_of_a_visitor_is_left_behind():
    seeded()
    assert Visit.objects.count() > 10

    sum(demo.remove(now=NOW))

    assert (Selection.objects.count(), DailyCount.objects.count(), Visit.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_they_do_not_expire_and_leave_counts_behind():
    seeded()

    store().expire(NOW + timedelta(days=400))

    assert sum(demo.remove(now=NOW)) > 10
    assert DailyCount.objects.count() == 0


@pytest.mark.django_db
def test_what_is_left_out_of_a_day_is_counted_again_with_it(django_user_model):
    seeded()
    kim = django_user_model.objects.create_user("kim")
    whole = Span(datetime(2026, 11, 20, 15, tzinfo=UTC), datetime(2026, 11, 21, 15, tzinfo=UTC))
    made = exclusion.exclude("JP", whole, why="a try", by=kim, now=NOW)
    assert made.selections > 0

    sum(demo.remove(now=NOW))

    made.refresh_from_db()
    assert (made.selections, made.visitors) == (0, 0)


# --- the command ------------------------------------------------------------------------------


def run(*words: str) -> str:
    told = StringIO()
    call_command("seed_demo", *words, stdout=told)
    return told.getvalue()


@pytest.fixture
def small(monkeypatch):
    """Two visits a day instead of 165."""
    monkeypatch.setattr(demo.missing, "__kwdefaults__", {"visits": 2})


@pytest.mark.django_db
def test_the_command_fills_says_how_to_undo_and_undoes(small):
    with time_machine.travel(NOW, tick=False):
        first, second, third, fourth = run(), run(), run("--remove"), run("--remove")

    assert "synthetic selections added" in first
    assert "seed_demo --remove" in first
    assert "there already" in second
    assert third.split()[0] == first.split()[0]
    assert fourth == "There are none.\n"


@pytest.mark.django_db
def test_production_is_left_alone_unless_it_is_meant(small, settings):
    settings.ENVIRONMENT = "production"

    with pytest.raises(CommandError, match="--force"):
        run()
    assert (Selection.objects.count(), RankingResult.objects.count()) == (0, 0)
    assert "added" in run("--force")
    assert "taken out" in run("--remove")
