"""ingestor.gaps: which days are here, closed or missing; and the page that leads to filling them."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from ingestor import gaps
from ingestor.gaps import Coverage, Gap
from tests.factories import make_bar, make_latest

#: The ECB: closed on week-ends and on 25 and 26 December; asked since 1999, here since 2 March 2026.
ECB = Coverage(calendar="XECB", starts=date(1999, 1, 4), oldest=date(2026, 3, 2), expected=date(2026, 11, 2))
MONTHS = [str(number) for number in range(1, 13)]
WEEKDAYS = list("MTWTFSS")


def drawn(told):
    return gaps.drawn(
        told,
        label="a year",
        months=MONTHS,
        weekdays=WEEKDAYS,
        leads_to=lambda gap: f"/fill/{gap.first}/{gap.last}",
        in_words=lambda gap: f"{gap.days} days",
    )


def test_a_year_has_a_state_for_every_day():
    assert len(gaps.states(2026, set(), ECB)) == 365
    assert len(gaps.states(2024, set(), ECB)) == 366


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 10, 30), "held"),
        (date(2026, 10, 31), "closed"),
        (date(2026, 10, 29), "missing"),
        (date(2026, 11, 2), "missing"),
        (date(2026, 11, 3), "ahead"),
        (date(2026, 12, 25), "ahead"),
        (date(2026, 4, 3), "closed"),
        (date(2026, 2, 27), "earlier"),
        (date(2026, 2, 28), "closed"),
    ],
    ids=[
        "held",
        "Saturday",
        "missing",
        "due",
        "not due",
        "Christmas to come",
        "Good Friday",
        "never",
        "then",
    ],
)
def test_a_day_is_here_closed_missing_or_not_to_be_had(day, state):
    assert gaps.states(2026, {date(2026, 10, 30)}, ECB)[day] == state


def test_an_observation_of_a_closed_day_is_here_all_the_same():
    saturday = date(2026, 10, 31)

    assert gaps.states(2026, {saturday}, ECB)[saturday] == "held"


def test_before_the_providers_first_day_nothing_is_missing():
    told = gaps.states(1998, set(), ECB)

    assert set(told.values()) == {"before"}


def test_a_provider_without_a_past_has_nothing_to_miss():
    nowhere = Coverage(calendar="weekdays", starts=None, oldest=None, expected=date(2026, 11, 2))

    assert set(gaps.states(2026, set(), nowhere).values()) == {"before"}


def test_missing_days_around_a_week_end_are_one_gap_that_neither_begins_nor_ends_with_it():
    week = [date(2026, 10, 19) + timedelta(days=ahead) for ahead in range(14)]
    held = {day for day in gaps.states(2026, set(), ECB) if day not in week}

    # Monday 19 to Friday 30 October: ten days, and a week-end in between.
    assert gaps.gaps(gaps.states(2026, held, ECB)) == [Gap(date(2026, 10, 19), date(2026, 10, 30), 10)]


def test_a_held_day_parts_two_gaps():
    held = {day for day in gaps.states(2026, set(), ECB) if day.month != 10 or day.day == 14}

    found = gaps.gaps(gaps.states(2026, held, ECB))

    assert [(gap.first, gap.last, gap.days) for gap in found] == [
        (date(2026, 10, 1), date(2026, 10, 13), 9),
        (date(2026, 10, 15), date(2026, 10, 30), 12),
    ]


def test_the_picture_has_a_cell_for_every_day_and_a_link_for_every_gap():
    told = gaps.states(2026, set(), ECB)

    picture = drawn(told)

    assert picture.count("<rect") == 365
    assert re.findall(r'<a href="([^"]+)" aria-label="([^"]+)">', picture) == [
        # 2 March to 2 November 2026 without Good Friday, Easter Monday and Labour Day: 176 - 3 days.
        ("/fill/2026-03-02/2026-11-02", "173 days")
    ]


def test_weeks_are_columns_that_begin_on_monday():
    picture = drawn(gaps.states(2026, set(), ECB))

    def place(day):
        return re.search(rf'x="(\d+)" y="(\d+)"[^>]*><title>{day}', picture).groups()

    # 1 January 2026 was a Thursday, the 5th the first Monday.
    assert place("2026-01-01") == ("22", "66")
    assert place("2026-01-04") == ("22", "114")
    assert place("2026-01-05") == ("38", "18")


def test_what_is_shown_is_escaped():
    told = gaps.states(2026, set(), ECB)

    picture = gaps.drawn(
        told,
        label='"><script>',
        months=MONTHS,
        weekdays=WEEKDAYS,
        leads_to=lambda _: "?a=1&b=2",
        in_words=str,
    )

    assert "<script>" not in picture
    assert "?a=1&amp;b=2" in picture


# --- the page ------------------------------------------------------------------------------------


@pytest.fixture
def operator(client, db):
    kim = User.objects.create_user("kim", password="x", is_staff=True)
    kim.groups.add(Group.objects.get(name="operator"))
    client.force_login(kim)
    return client


def page(client, **query):
    return client.get(reverse("admin:ingestor_gaps"), {"currency": "USD", "year": "2026", **query})


def test_a_gap_leads_to_a_backfill_of_its_days(operator):
    make_latest(first_date=date(2026, 10, 1))
    for day in range(1, 31):
        if day not in {13, 14}:
            make_bar(date(2026, 10, day))

    told = page(operator).content.decode()

    fill = reverse("admin:ingestor_backfill_add")
    assert f"{fill}?provider=ecb&amp;first=2026-10-13&amp;last=2026-10-14" in told
    form = operator.get(f"{fill}?provider=ecb&first=2026-10-13&last=2026-10-14").content.decode()
    assert 'value="2026-10-13"' in form
    assert 'value="2026-10-14"' in form


def test_what_a_provider_has_never_had_is_said_and_not_drawn(operator):
    make_latest()

    told = page(operator)

    assert [row.key for row in told.context["rows"]] == ["ecb"]
    assert "fred" in told.context["silent"]


def test_an_address_that_makes_no_sense_shows_the_present(operator):
    make_latest()

    told = page(operator, year="soon", currency="???", provider="nobody")

    assert told.status_code == 200
    assert told.context["code"] == "USD"


def test_the_page_costs_a_handful_of_queries(operator, django_assert_max_num_queries):
    make_latest()
    make_bar()

    with django_assert_max_num_queries(10):  # four of its own, the rest are session, user and rights
        page(operator)


def test_who_may_not_look_does_not(client, db):
    client.force_login(User.objects.create_user("lee", password="x", is_staff=True))

    assert page(client).status_code == 403


def test_who_may_only_look_is_offered_no_backfill(client, db):
    lee = User.objects.create_user("lee", password="x", is_staff=True)
    lee.groups.add(Group.objects.get(name="viewer"))
    client.force_login(lee)
    make_latest(first_date=date(2026, 10, 1))
    make_bar(date(2026, 10, 1))

    told = page(client)

    assert told.status_code == 200
    assert ">채우기<" not in told.content.decode()
