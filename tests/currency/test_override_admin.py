"""The operators' page of rates set by hand: seen first, then set; ended for a reason; looked at by others."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from currency.models import RateOverride
from tests.factories import make_latest, make_provider

EVENING = datetime(2026, 10, 30, 17, 0, tzinfo=UTC)
LIST = reverse("admin:currency_rateoverride_changelist")
ADD = reverse("admin:currency_rateoverride_add")
YEN = {"currency": "JPY", "rate": "950", "hours": "24", "why": "the feed is wrong"}


@pytest.fixture(autouse=True)
def _evening(db):
    make_latest(currency_code="JPY", deal_base_rate="9.4")
    make_provider("ecb", name_ko="유럽중앙은행")
    with time_machine.travel(EVENING, tick=False):
        yield


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_superuser("kim", password="x"))
    return client


def seen(page):
    """What a page has shown, as its form sends it back."""
    return page.context["form"]["seen"].value()


def test_what_providers_publish_is_shown_before_anything_is_done(operator):
    page = operator.post(ADD, YEN)

    text = page.content.decode()
    assert "100 JPY = 950.00" in text
    assert "유럽중앙은행" in text
    assert "940.00" in text
    assert "+1.06%" in text  # 10 / 940
    assert "2026. 11. 1. 02:00" in text  # tomorrow, in Seoul
    assert "넘게 다릅니다" not in text
    assert RateOverride.objects.count() == 0


def test_it_is_set_for_one_unit_once_it_was_seen(operator):
    page = operator.post(ADD, YEN)

    done = operator.post(ADD, {**YEN, "seen": seen(page)}, follow=True)

    row = RateOverride.objects.get()
    assert (row.rate, row.set_by, row.expires_at) == (Decimal("9.5"), "kim", EVENING + timedelta(days=1))
    assert "지정했습니다: 100 JPY = 950.00원" in done.content.decode()
    assert "적용 중" in done.content.decode()


def test_what_was_changed_after_the_preview_is_shown_anew(operator):
    page = operator.post(ADD, YEN)

    operator.post(ADD, {**YEN, "rate": "951", "seen": seen(page)})

    assert RateOverride.objects.count() == 0


def test_a_rate_far_off_has_to_be_meant(operator):
    far = {**YEN, "rate": "9.5"}  # for one yen, as somebody may think
    page = operator.post(ADD, far)
    assert "5% 넘게 다릅니다" in page.content.decode()

    again = operator.post(ADD, {**far, "seen": seen(page)})
    assert "맞다면 이 항목을 선택해 주세요" in again.content.decode()
    assert RateOverride.objects.count() == 0

    operator.post(ADD, {**far, "seen": seen(page), "is_meant": "on"})
    assert RateOverride.objects.get().rate == Decimal("0.095")


def test_the_one_in_force_is_named_and_replaced(operator):
    page = operator.post(ADD, YEN)
    operator.post(ADD, {**YEN, "seen": seen(page)})
    # What another operator saw before that is not what is in force any more.
    late = operator.post(ADD, {**YEN, "seen": seen(page)})
    assert RateOverride.objects.count() == 1
    assert "kim님이" in late.content.decode()

    operator.post(ADD, {**YEN, "seen": seen(late)})

    first, second = RateOverride.objects.order_by("pk")
    assert (first.place, second.place) == (None, "JPY")


@pytest.mark.parametrize(
    "given", [{"currency": "CHF"}, {"rate": "0"}, {"rate": "-1"}, {"why": ""}, {"hours": "200"}]
)
def test_what_cannot_be_set_is_told(operator, given):
    page = operator.post(ADD, {**YEN, **given})

    assert 'role="alert"' in page.content.decode()
    assert RateOverride.objects.count() == 0


def test_it_is_ended_for_a_reason(operator):
    page = operator.post(ADD, YEN)
    operator.post(ADD, {**YEN, "seen": seen(page)})
    end = reverse("admin:currency_rateoverride_end", args=[RateOverride.objects.get().pk])
    assert end in operator.get(LIST).content.decode()

    assert "role" in operator.post(end, {"why": ""}).content.decode()
    assert RateOverride.objects.get().ended_at is None
    done = operator.post(end, {"why": "mended"}, follow=True)

    assert "kim: mended" in done.content.decode()
    assert "미리 종료" in done.content.decode()
    assert end not in done.content.decode()
    assert "이미 끝난 지정입니다" in operator.post(end, {"why": "again"}, follow=True).content.decode()


def test_the_list_knows_their_states_and_finds_them_by_name(operator):
    page = operator.post(ADD, YEN)
    operator.post(ADD, {**YEN, "seen": seen(page)})
    shown = "100 JPY = 950.00"

    assert shown in operator.get(LIST, {"q": "엔화", "state": "in_force"}).content.decode()
    assert shown not in operator.get(LIST, {"q": "달러"}).content.decode()
    assert shown not in operator.get(LIST, {"state": "expired"}).content.decode()
    with time_machine.travel(EVENING + timedelta(days=2), tick=False):
        operator.force_login(User.objects.get())
        assert shown in operator.get(LIST, {"state": "expired"}).content.decode()
        assert shown not in operator.get(LIST, {"state": "in_force"}).content.decode()


def test_who_may_only_look_looks(client):
    user = User.objects.create_user("lee", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_rateoverride"))
    client.force_login(user)

    assert client.get(LIST).status_code == 200
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, YEN).status_code == 403
    assert client.post(reverse("admin:currency_rateoverride_end", args=[1]), {"why": "x"}).status_code == 403
