"""The operators' pages of rankings: a day by the hour, a burst left out and back, a calculation now."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from ranking.models import RankingExclusion, RankingResult
from ranking.selection import Count
from ranking.stores import store
from ranking.tally import tally
from tests.ranking.submissions import SUNDAY, make_submission

NIGHT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)  # 23:00 on Sunday, in Seoul
LIST = reverse("admin:ranking_rankingexclusion_changelist")
ADD = reverse("admin:ranking_rankingexclusion_add")
HOURS = reverse("admin:ranking_rankingexclusion_hours")
RECALCULATE = reverse("admin:ranking_rankingresult_recalculate")
BURST = {"country": "JP", "day": "2026-11-22", "begins": "12:00", "ends": "13:00", "why": "a script"}


@pytest.fixture(autouse=True)
def _night(db):
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_superuser("kim", password="x"))
    return client


@pytest.fixture
def viewer(client):
    user = User.objects.create_user("lee", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


@pytest.fixture
def noon():
    """Twelve selections of one bot and one of a person, at noon in Seoul; two to the United States."""
    for _ in range(12):
        store().add(make_submission("JP", visitor="b" * 32))
    store().add(make_submission("JP", "US", visitor="c" * 32))


def seen(page):
    """What a page has shown, as its form sends it back."""
    return page.context["form"]["seen"].value()


def test_a_day_is_shown_by_the_hour_with_every_country_of_it(operator, noon):
    page = operator.get(HOURS, {"country": "JP", "day": "2026-11-22"})

    text = page.content.decode()
    assert "12:00  13 / 2" in text
    assert [one["code"] for one in page.context["countries"]] == ["JP", "US"]
    assert f"{ADD}?country=JP&amp;day=2026-11-22" in text


def test_a_day_without_selections_says_so(operator):
    text = operator.get(HOURS, {"country": "JP", "day": "2026-11-20"}).content.decode()

    assert "그날 이 나라를 고른 사람이 없거나" in text


def test_a_day_that_has_not_begun_is_refused(operator):
    assert (
        "아직 오지 않은 날입니다"
        in operator.get(HOURS, {"country": "JP", "day": "2026-11-23"}).content.decode()
    )


def test_what_it_takes_out_is_shown_before_anything_is_done(operator, noon):
    page = operator.post(ADD, BURST)

    assert "선택 13건과 방문자 2명이 빠집니다" in page.content.decode()
    assert RankingExclusion.objects.count() == 0


def test_a_burst_is_left_out_after_it_was_seen_and_counted_again_for_a_reason(operator, noon):
    page = operator.post(ADD, BURST)

    done = operator.post(ADD, {**BURST, "seen": seen(page)}, follow=True)

    assert "제외했습니다: 선택 13건, 방문자 2명" in done.content.decode()
    assert "12:00–13:00" in done.content.decode()
    assert tally(store(), [SUNDAY], today=SUNDAY)[SUNDAY] == {"US": Count(1, 1)}
    row = RankingExclusion.objects.get()
    undo = reverse("admin:ranking_rankingexclusion_undo", args=[row.pk])
    assert "다시 포함하기" in operator.get(undo).content.decode()
    operator.post(undo, {"why": "people after all"})
    assert tally(store(), [SUNDAY], today=SUNDAY)[SUNDAY]["JP"] == Count(13, 2)
    assert LogEntry.objects.count() == 2
    assert "이미 다시 포함한" in operator.post(undo, {"why": "again"}, follow=True).content.decode()


def test_what_was_changed_after_the_preview_is_shown_anew(operator, noon):
    page = operator.post(ADD, BURST)

    operator.post(ADD, {**BURST, "ends": "14:00", "seen": seen(page)})

    assert RankingExclusion.objects.count() == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"begins": "13:00", "ends": "12:00"}, "끝이 시작보다 빠릅니다"),
        ({"day": "2026-08-01"}, "보관 기간이 지나"),
        ({"day": "2026-11-23"}, "아직 오지 않은 날"),
        ({"why": " "}, "필수"),
    ],
)
def test_what_cannot_be_left_out_is_told(operator, given, told):
    page = operator.post(ADD, {**BURST, **given})

    assert told in page.content.decode()
    assert RankingExclusion.objects.count() == 0


def test_midnight_is_the_end_of_the_day(operator, noon):
    page = operator.post(ADD, {**BURST, "begins": "00:00", "ends": "00:00"})

    operator.post(ADD, {**BURST, "begins": "00:00", "ends": "00:00", "seen": seen(page)})

    row = RankingExclusion.objects.get()
    assert (row.begins_at, row.ends_at) == (
        datetime(2026, 11, 21, 15, tzinfo=UTC),
        datetime(2026, 11, 22, 15, tzinfo=UTC),
    )
    assert "00:00–24:00" in operator.get(LIST).content.decode()


def test_who_may_only_look_looks(viewer, noon):
    assert viewer.get(HOURS, {"country": "JP", "day": "2026-11-22"}).status_code == 200
    assert viewer.get(LIST).status_code == 200
    assert viewer.get(ADD).status_code == 403
    assert viewer.post(ADD, BURST).status_code == 403
    assert (
        viewer.post(reverse("admin:ranking_rankingexclusion_undo", args=[1]), {"why": "x"}).status_code == 403
    )
    assert viewer.post(RECALCULATE, {"why": "x"}).status_code == 403


def test_lists_are_found_by_the_name_of_a_country(operator):
    RankingExclusion.objects.create(
        country_code="JP", day=SUNDAY, begins_at=NIGHT, ends_at=datetime(2026, 11, 22, 15, tzinfo=UTC),
        reason="a script", made_at=NIGHT, made_by="kim",
    )  # fmt: skip

    assert "23:00–24:00" in operator.get(LIST, {"q": "일본"}).content.decode()
    assert "23:00–24:00" not in operator.get(LIST, {"q": "독일"}).content.decode()
    assert "23:00–24:00" not in operator.get(LIST, {"state": "undone"}).content.decode()


def test_rankings_are_recalculated_for_a_reason(operator, noon):
    assert RECALCULATE in operator.get(reverse("admin:ranking_rankingresult_changelist")).content.decode()
    assert "사유" in operator.get(RECALCULATE).content.decode()
    assert not RankingResult.objects.filter(period="daily").exists()

    done = operator.post(RECALCULATE, {"why": "after a repair"}, follow=True)

    assert "순위를 다시 계산하고 있습니다" in done.content.decode()
    assert RankingResult.objects.get(period="daily").body["totals"]["visitors"] == 3
    assert LogEntry.objects.get().change_message == "순위 다시 계산을 요청 — after a repair"
