from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from currency.models import Destination
from ranking import personal
from ranking.models import DailyCount, RankingResult, Selection, Visit
from ranking.recording import Choice, InvalidSelection, record
from ranking.selection import Count
from ranking.stores import KeyReused, store

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # noon in Seoul
SUNDAY = date(2026, 11, 22)


def choice(**overrides):
    usual = {"countries": ("JP",), "user_id": "u1", "address": "192.0.2.1", "agent": "Mozilla/5.0"}
    return Choice(**{**usual, **overrides})


def count(country="JP", day=SUNDAY):
    return store().counts([day])[day].get(country, Count())


def test_a_selection_is_stored_and_counted():
    receipt = record(choice(), now=NOON)

    row = Selection.objects.get()
    assert (receipt.selection_ids, receipt.is_replay) == ((row.pk,), False)
    assert (row.country_code, row.selected_at, row.selection_date) == ("JP", NOON, SUNDAY)
    assert count() == Count(1, 1)


def test_however_often_one_client_repeats_itself_it_is_one_visitor():
    for _ in range(20):
        record(choice(), now=NOON)

    assert count() == Count(20, 1)


def test_a_visitor_without_a_user_is_an_address_and_an_agent():
    for address, agent in [("192.0.2.1", "A"), ("192.0.2.1", "A"), ("192.0.2.1", "B"), ("192.0.2.2", "A")]:
        record(choice(user_id=None, address=address, agent=agent), now=NOON)

    assert count() == Count(4, 3)


def test_a_user_is_the_same_visitor_from_everywhere():
    record(choice(address="192.0.2.1"), now=NOON)
    record(choice(address="198.51.100.7", agent="another"), now=NOON)

    assert count() == Count(2, 1)


def test_a_visitor_counts_again_on_the_next_seoul_day():
    last_second = datetime(2026, 11, 22, 14, 59, 59, 999999, tzinfo=UTC)

    record(choice(), now=last_second)
    record(choice(), now=last_second + timedelta(microseconds=1))

    assert count(day=SUNDAY) == Count(1, 1)
    assert count(day=date(2026, 11, 23)) == Count(1, 1)


def test_a_clock_that_jumps_back_counts_for_the_day_it_shows():
    record(choice(), now=NOON)
    record(choice(), now=NOON - timedelta(days=1))
    record(choice(), now=NOON)

    assert count(day=SUNDAY) == Count(2, 1)
    assert count(day=date(2026, 11, 21)) == Count(1, 1)


def test_a_key_makes_a_retry_count_once_and_get_the_first_answer():
    first = record(choice(countries=("JP", "US"), idempotency_key="k1"), now=NOON)

    again = record(choice(countries=("JP", "US"), idempotency_key="k1"), now=NOON + timedelta(hours=13))

    assert again.is_replay
    assert again.selection_ids == first.selection_ids
    assert (count("JP"), count("US")) == (Count(1, 1), Count(1, 1))


def test_a_retry_is_announced_too_since_the_first_may_have_died_before_it_could():
    record(choice(idempotency_key="k1"), now=datetime.now(UTC))
    RankingResult.objects.all().delete()

    record(choice(idempotency_key="k1"), now=datetime.now(UTC))

    assert RankingResult.objects.get(period="daily").body["totals"]["selections"] == 1


def test_a_users_retry_may_come_from_another_network():
    first = record(choice(idempotency_key="k1", address="192.0.2.1"), now=NOON)

    again = record(choice(idempotency_key="k1", address="198.51.100.7"), now=NOON)

    assert again.selection_ids == first.selection_ids


def test_two_users_may_use_the_same_key():
    record(choice(idempotency_key="1"), now=NOON)
    record(choice(idempotency_key="1", user_id="u2"), now=NOON)

    assert count() == Count(2, 2)


@pytest.mark.parametrize(
    "other", [{"countries": ("US",)}, {"countries": ("JP", "US")}, {"session_id": "s2"}, {"referrer": "/x"}]
)
def test_a_key_that_comes_with_another_request_is_refused(other):
    record(choice(idempotency_key="k1"), now=NOON)

    with pytest.raises(KeyReused):
        record(choice(idempotency_key="k1", **other), now=NOON)

    assert Selection.objects.count() == 1


def test_a_country_named_twice_is_chosen_once():
    receipt = record(choice(countries=("JP", "US", "JP")), now=NOON)

    assert len(receipt.selection_ids) == 2
    assert count() == Count(1, 1)


def test_who_chose_cannot_be_read_from_the_tables():
    record(
        choice(
            user_id="kim@example.kr",
            session_id="s-123",
            address="203.0.113.9",
            agent="Agent/7",
            idempotency_key="kk-1",
        ),
        now=NOON,
    )

    stored = [str(row) for model in (Selection, Visit, DailyCount) for row in model.objects.values_list()]
    for secret in ("kim@example.kr", "s-123", "203.0.113.9", "Agent/7", "kk-1"):
        assert not any(secret in row for row in stored)
    row = Selection.objects.get()
    assert (personal.decrypt(row.user), personal.decrypt(row.session)) == ("kim@example.kr", "s-123")


@pytest.mark.parametrize("user_id", ["u1", None])
def test_nothing_that_is_stored_connects_a_visitor_of_one_day_with_the_next(user_id):
    said = {"user_id": user_id, "session_id": "s-1", "referrer": "https://example.kr/japan"}
    record(choice(**said), now=NOON)
    record(choice(**said), now=NOON + timedelta(days=1))

    rows: Any = Selection.objects.order_by("selected_at").values()
    first, second = rows
    same = {name for name, value in first.items() if value and value == second[name]}
    assert same == {"country_code", "key_id", "referrer"}


def test_of_a_referrer_the_page_alone_is_kept():
    record(choice(referrer="https://example.kr/trip?token=abc&name=kim#seoul"), now=NOON)

    assert Selection.objects.get().referrer == "https://example.kr/trip"


def test_a_traceback_shows_nobody():
    shown = repr(choice(user_id="kim@example.kr", session_id="s-123", idempotency_key="kk-1"))

    assert shown == "Choice(countries=('JP',))"


def test_a_selection_expires_after_its_retention(settings):
    settings.SELECTION_RETENTION_DAYS = 30

    record(choice(), now=NOON)

    assert Selection.objects.get().expires_at == NOON + timedelta(days=30)


def test_a_destination_that_is_switched_off_cannot_be_chosen():
    japan = Destination.objects.get(country_code="JP")
    japan.is_active = False
    japan.save()

    with pytest.raises(InvalidSelection) as refused:
        record(choice(), now=NOON)

    assert (refused.value.code, refused.value.provided) == ("INVALID_COUNTRY_CODE", "JP")


def test_the_euro_area_is_a_destination():
    record(choice(countries=("EU",)), now=NOON)

    assert count("EU") == Count(1, 1)


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        ({"countries": ()}, "countries"),
        ({"countries": ("ZZ",)}, "country_code"),
        ({"countries": ("jp",)}, "country_code"),
        ({"countries": ("JP", "KP ")}, "country_code"),
        ({"user_id": ""}, "user_id"),
        ({"user_id": " \t "}, "user_id"),
        ({"user_id": "u" * 101}, "user_id"),
        ({"user_id": "u\x00"}, "user_id"),
        ({"user_id": "u\ud800"}, "user_id"),
        ({"session_id": "s" * 101}, "session_id"),
        ({"session_id": "s\x1b[0m"}, "session_id"),
        ({"referrer": "r" * 501}, "referrer"),
        ({"referrer": "a\u2028b"}, "referrer"),
        ({"idempotency_key": ""}, "Idempotency-Key"),
        ({"idempotency_key": "k" * 256}, "Idempotency-Key"),
        ({"idempotency_key": "열쇠"}, "Idempotency-Key"),
    ],
)
def test_what_cannot_be_stored_is_refused_by_name_and_stores_nothing(wrong, parameter):
    with pytest.raises(InvalidSelection) as refused:
        record(choice(**wrong), now=NOON)

    assert refused.value.parameter == parameter
    assert not Selection.objects.exists()
    assert not DailyCount.objects.exists()


def test_more_countries_than_a_page_shows_are_refused():
    codes = tuple(Destination.objects.filter(is_active=True).values_list("country_code", flat=True)[:21])
    assert len(codes) == 21

    with pytest.raises(InvalidSelection) as refused:
        record(choice(countries=codes), now=NOON)

    assert refused.value.parameter == "countries"


def test_a_personal_value_is_not_repeated_in_its_refusal():
    with pytest.raises(InvalidSelection) as refused:
        record(choice(user_id="kim@example.kr\x00"), now=NOON)

    assert "kim" not in str(refused.value) + refused.value.provided


@given(st.text(max_size=120), st.text(max_size=120), st.text(max_size=520))
def test_any_text_is_stored_whole_or_refused(user_id, session_id, referrer):
    before = Selection.objects.count()
    try:
        receipt = record(choice(user_id=user_id, session_id=session_id, referrer=referrer), now=NOON)
    except InvalidSelection:
        assert Selection.objects.count() == before
        return

    row = Selection.objects.get(pk=receipt.selection_ids[0])
    assert (personal.decrypt(row.user), personal.decrypt(row.session)) == (user_id, session_id)
    assert referrer.startswith(row.referrer)
