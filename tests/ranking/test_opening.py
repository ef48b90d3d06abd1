"""Who is counted for opening a page, how often, and within which limit."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from currency.models import Destination
from ranking.opening import count_opening, is_by_a_person
from ranking.recording import Choice, record
from ranking.selection import Count
from ranking.stores import store
from ranking.window import seoul_day

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # in Seoul


@pytest.mark.parametrize(
    ("environ", "is_person"),
    [
        ({"HTTP_SEC_FETCH_DEST": "document"}, True),
        ({"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_PURPOSE": "prefetch"}, False),
        ({"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_PURPOSE": "prefetch;prerender"}, False),
        ({"HTTP_SEC_FETCH_DEST": "document", "HTTP_PURPOSE": "prefetch"}, False),
        ({"HTTP_SEC_FETCH_DEST": "empty"}, False),
        ({"HTTP_SEC_FETCH_DEST": "iframe"}, False),
        ({"HTTP_USER_AGENT": "a crawler"}, False),
    ],
)
def test_only_what_fills_a_window_for_somebody_is_a_person(environ, is_person):
    assert is_by_a_person(environ) is is_person


class Limit:
    """Admits so many selections, and notes how many were asked for."""

    def __init__(self, left: int = 100) -> None:
        self.left = left
        self.asked: list[int] = []

    def __call__(self, amount: int) -> bool:
        self.asked.append(amount)
        if amount > self.left:
            return False
        self.left -= amount
        return True


def opened(*countries: str, address="192.0.2.1", agent="Mozilla/5.0", now=NOON, limit=None) -> int:
    return count_opening(countries, address=address, agent=agent, now=now, admit=limit or Limit())


def counts(now: datetime = NOON) -> dict[str, Count]:
    day = seoul_day(now)
    return dict(store().counts([day])[day])


def test_each_country_is_counted_once_however_often_the_page_is_opened():
    limit = Limit()

    assert [opened("JP", "US", limit=limit) for _ in range(3)] == [2, 0, 0]
    assert counts() == {"JP": Count(1, 1), "US": Count(1, 1)}
    # Reloads ask for no place in the limit.
    assert limit.asked == [2]


def test_what_nobody_remembers_is_still_counted_once():
    opened("JP", "US")
    cache.clear()

    assert opened("JP", "US") == 0
    assert counts() == {"JP": Count(1, 1), "US": Count(1, 1)}


def test_another_page_adds_the_countries_that_are_new():
    opened("JP", "US")

    assert opened("US", "TH") == 1
    assert sorted(counts()) == ["JP", "TH", "US"]


def test_another_visitor_and_another_day_count_again():
    assert opened("JP") == 1
    assert opened("JP", address="192.0.2.2") == 1
    assert opened("JP", agent="another browser") == 1
    assert counts()["JP"] == Count(3, 3)
    assert opened("JP", now=NOON + timedelta(days=1)) == 1


def test_a_page_that_was_opened_before_midnight_in_seoul_counts_again_after_it():
    last_second = datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC)

    assert opened("JP", now=last_second) == 1
    assert opened("JP", now=last_second + timedelta(seconds=1)) == 1


def test_who_chose_it_through_the_api_stays_one_visitor():
    by_api = Choice(countries=("JP",), user_id=None, address="192.0.2.1", agent="Mozilla/5.0")
    record(by_api, now=NOON)

    assert opened("JP") == 1
    assert counts()["JP"] == Count(2, 1)


def test_a_spent_limit_counts_nothing_and_asks_again_later():
    limit = Limit(left=2)

    assert opened("JP", "US", "TH", limit=limit) == 0
    assert counts() == {}
    assert opened("JP", "US", limit=limit) == 2


def test_what_is_no_destination_is_left_out():
    Destination.objects.filter(country_code="TH").update(is_active=False)

    assert opened("KR", "TH", "XX", "", "JP", "JP") == 1
    assert sorted(counts()) == ["JP"]
