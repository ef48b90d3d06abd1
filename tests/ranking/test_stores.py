"""What a selections store does, whichever it is: SQLite or MariaDB (the run's stack), and DynamoDB."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from django.db import DatabaseError, connections

from ranking.selection import Count, StoredSelection
from ranking.stores import KeyReused, SelectionStore, StoreUnavailable
from tests.ranking.submissions import NOON, SATURDAY, SUNDAY, ids, make_submission

pytestmark = pytest.mark.django_db
T = TypeVar("T")


def counted(kept: SelectionStore, day=SUNDAY) -> dict[str, Count]:
    return dict(kept.counts([day])[day])


def in_threads(number: int, work: Callable[[int], T]) -> list[T]:
    """What `work(0)` to `work(number - 1)` return, all at once, each in a thread of its own."""

    def alone(place: int) -> T:
        try:
            return work(place)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(alone, range(number)))


# --- counting ---------------------------------------------------------------------------------


def test_a_selection_is_counted(kept):
    submission = make_submission("JP")

    receipt = kept.add(submission)

    assert (receipt.selection_ids, receipt.is_replay) == (ids(submission), False)
    assert kept.counts([SUNDAY]) == {SUNDAY: {"JP": Count(1, 1)}}


def test_a_visitor_who_comes_again_is_another_selection_but_no_other_visitor(kept):
    for _ in range(3):
        kept.add(make_submission("JP"))

    assert counted(kept) == {"JP": Count(3, 1)}


def test_two_visitors_are_two(kept):
    kept.add(make_submission("JP", visitor="a" * 32))
    kept.add(make_submission("JP", visitor="b" * 32))

    assert counted(kept) == {"JP": Count(2, 2)}


def test_a_visitor_counts_once_for_each_country(kept):
    kept.add(make_submission("JP"))
    kept.add(make_submission("US", "JP"))

    assert counted(kept) == {"JP": Count(2, 1), "US": Count(1, 1)}


def test_a_visitor_counts_again_on_another_day(kept):
    before_midnight = datetime(2026, 11, 21, 14, 59, 59, 999_999, tzinfo=UTC)
    midnight = datetime(2026, 11, 21, 15, tzinfo=UTC)
    kept.add(make_submission(selected_at=before_midnight, day=SATURDAY))
    kept.add(make_submission(selected_at=midnight, day=SUNDAY))

    assert kept.counts([SATURDAY, SUNDAY]) == {SATURDAY: {"JP": Count(1, 1)}, SUNDAY: {"JP": Count(1, 1)}}


def test_a_day_without_selections_has_no_counts(kept):
    assert kept.counts([SATURDAY, SUNDAY]) == {SATURDAY: {}, SUNDAY: {}}
    assert kept.counts([]) == {}


def test_many_countries_of_one_request_are_all_counted(kept):
    countries = [first + second for first in "ABCD" for second in "ABCDE"]

    receipt = kept.add(make_submission(*countries, idempotency="k"))

    assert len(receipt.selection_ids) == 20
    assert counted(kept) == dict.fromkeys(countries, Count(1, 1))


# --- once -------------------------------------------------------------------------------------


def test_a_retry_gets_the_first_ids_and_changes_nothing(kept):
    first = kept.add(make_submission("JP", idempotency="k"))

    second = kept.add(make_submission("JP", idempotency="k"))

    assert (second.selection_ids, second.is_replay) == (first.selection_ids, True)
    assert counted(kept) == {"JP": Count(1, 1)}
    assert len(list(kept.selections(SUNDAY))) == 1


def test_a_retry_of_several_choices_gets_all_their_ids_in_order(kept):
    first = make_submission("US", "JP", "DE", "AT", idempotency="k")
    kept.add(first)

    second = kept.add(make_submission("US", "JP", "DE", "AT", idempotency="k"))

    assert (second.selection_ids, second.is_replay) == (ids(first), True)
    assert counted(kept) == dict.fromkeys(("US", "JP", "DE", "AT"), Count(1, 1))


def test_a_retry_after_midnight_is_a_retry(kept):
    first = kept.add(make_submission("JP", day=SATURDAY, idempotency="k"))

    second = kept.add(make_submission("JP", day=SUNDAY, visitor="b" * 32, idempotency="k"))

    assert (second.selection_ids, second.is_replay) == (first.selection_ids, True)
    assert kept.counts([SATURDAY, SUNDAY]) == {SATURDAY: {"JP": Count(1, 1)}, SUNDAY: {}}


def test_a_key_is_not_for_another_request(kept):
    kept.add(make_submission("JP", idempotency="k"))

    with pytest.raises(KeyReused):
        kept.add(make_submission("US", idempotency="k", fingerprint="of another request"))

    assert counted(kept) == {"JP": Count(1, 1)}
    assert len(list(kept.selections(SUNDAY))) == 1


def test_other_keys_are_other_requests(kept):
    receipts = [kept.add(make_submission("JP", idempotency=key)) for key in ("k", "l")]

    assert [receipt.is_replay for receipt in receipts] == [False, False]
    assert counted(kept) == {"JP": Count(2, 1)}


def test_a_request_is_stored_whole_or_not_at_all(kept, hurried, settings):
    settings.SELECTION_SHARDS = 1
    there = make_submission("JP")
    kept.add(there)
    # Its second selection cannot be stored: the id is taken.
    broken = make_submission("US", "DE", "FR", idempotency="k")
    us, _, fr = broken.choices
    broken = replace(broken, choices=(us, (ids(there)[0], "DE"), fr))

    with pytest.raises((StoreUnavailable, DatabaseError)):
        kept.add(broken)

    assert counted(kept) == {"JP": Count(1, 1)}
    assert [selection.selection_id for selection in kept.selections(SUNDAY)] == list(ids(there))
    again = kept.add(make_submission("US", "DE", "FR", idempotency="k"))
    assert again.is_replay is False


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_count_exactly(kept):
    """Of each thread's 25: five with keys that all threads use, five of one visitor, fifteen of new ones."""

    def select(thread: int) -> list[tuple[str, ...]]:
        shared = []
        for place in range(5):
            receipt = kept.add(make_submission("JP", visitor="shared", idempotency=f"key {place}"))
            shared.append(receipt.selection_ids)
            kept.add(make_submission("JP", visitor="regular"))
            for number in range(3):
                kept.add(make_submission("JP", visitor=f"{thread}-{place}-{number}"))
        return shared

    receipts = in_threads(16, select)

    # 5 keys + 16 × 5 + 16 × 15 selections, of "shared", "regular" and 16 × 15 others.
    assert counted(kept) == {"JP": Count(5 + 80 + 240, 1 + 1 + 240)}
    assert len(list(kept.selections(SUNDAY))) == 325
    assert len(receipts) == 16
    assert all(told == receipts[0] for told in receipts)


# --- reading selections back ------------------------------------------------------------------


def test_selections_are_read_back_by_day_and_by_country(kept):
    instant = datetime(2026, 11, 22, 3, 4, 5, 678_901, tzinfo=UTC)
    sunday = make_submission("JP", "US", selected_at=instant)
    kept.add(sunday)
    kept.add(make_submission("JP", day=SATURDAY))
    (jp, _), (us, _) = sunday.choices

    of_all = sorted(kept.selections(SUNDAY), key=lambda selection: selection.country_code)
    of_japan = list(kept.selections(SUNDAY, "JP"))

    japan, states = StoredSelection(jp, "JP", instant), StoredSelection(us, "US", instant)
    assert of_all == [japan, states]
    assert of_japan == [japan]
    assert list(kept.selections(SUNDAY, "DE")) == []


def test_what_has_expired_is_gone_and_stays_counted(kept):
    kept.add(make_submission("JP", expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    lasting = make_submission("JP")
    kept.add(lasting)

    kept.expire(datetime(2020, 1, 1, tzinfo=UTC))

    assert [selection.selection_id for selection in kept.selections(SUNDAY)] == list(ids(lasting))
    assert counted(kept) == {"JP": Count(2, 1)}


def test_expiry_leaves_what_has_not_expired(kept):
    kept.add(make_submission("JP"))

    kept.expire(NOON)

    assert len(list(kept.selections(SUNDAY))) == 1


def test_choices_of_a_country_tell_when_and_visitors_apart(kept):
    first, second = datetime(2026, 11, 22, 3, tzinfo=UTC), datetime(2026, 11, 22, 4, tzinfo=UTC)
    kept.add(make_submission("JP", "US", selected_at=first, visitor="a" * 32))
    kept.add(make_submission("JP", selected_at=second, visitor="a" * 32))
    kept.add(make_submission("JP", selected_at=second, visitor="b" * 32))
    kept.add(make_submission("JP", day=SATURDAY))

    choices = sorted(kept.choices(SUNDAY, "JP"), key=lambda one: (one.selected_at, one.visitor))

    assert [one.selected_at for one in choices] == [first, second, second]
    assert choices[0].visitor == choices[1].visitor != choices[2].visitor
    assert list(kept.choices(SUNDAY, "DE")) == []


# --- taking out again -------------------------------------------------------------------------


def test_what_is_removed_has_never_been(kept):
    kept.add(make_submission("JP", "US", visitor="a" * 32))
    meant = [make_submission("JP", "DE", visitor="b" * 32) for _ in range(3)]
    for submission in meant:
        kept.add(submission)
    wanted = {selection_id for submission in meant for selection_id in ids(submission)}

    removed = kept.remove(SUNDAY, wanted.__contains__)

    assert removed == 6
    assert counted(kept) == {"JP": Count(1, 1), "US": Count(1, 1)}
    assert len(list(kept.selections(SUNDAY))) == 2
    assert kept.remove(SUNDAY, wanted.__contains__) == 0
    assert counted(kept) == {"JP": Count(1, 1), "US": Count(1, 1)}


def test_a_visitor_who_has_another_selection_left_counts_still(kept):
    kept.add(make_submission("JP"))
    meant = make_submission("JP")
    kept.add(meant)

    kept.remove(SUNDAY, ids(meant).__contains__)

    assert counted(kept) == {"JP": Count(1, 1)}


def test_who_was_removed_is_a_new_visitor_the_next_time(kept):
    meant = make_submission("JP")
    kept.add(meant)
    kept.remove(SUNDAY, ids(meant).__contains__)

    kept.add(make_submission("JP"))

    assert counted(kept) == {"JP": Count(1, 1)}


def test_other_days_are_left_alone(kept):
    saturday = make_submission("JP", day=SATURDAY)
    kept.add(saturday)

    assert kept.remove(SUNDAY, lambda _: True) == 0
    assert counted(kept, SATURDAY) == {"JP": Count(1, 1)}


def test_a_visitor_with_more_selections_than_a_transaction_holds_is_removed_whole(kept):
    for _ in range(100):
        kept.add(make_submission("JP"))
    kept.add(make_submission("JP", visitor="b" * 32, user="stays"))
    stays = {one.selection_id for one in kept.selections(SUNDAY)}
    last = max(stays)

    removed = kept.remove(SUNDAY, lambda selection_id: selection_id != last)

    assert (removed, counted(kept)) == (100, {"JP": Count(1, 1)})


@pytest.mark.django_db(transaction=True)
def test_removing_while_others_select_counts_exactly(kept):
    meant = [make_submission("JP", visitor=f"{number:032x}") for number in range(40)]
    for submission in meant:
        kept.add(submission)
    wanted = {selection_id for submission in meant for selection_id in ids(submission)}

    def work(thread: int) -> None:
        if thread < 2:
            kept.remove(SUNDAY, wanted.__contains__)
            return
        for number in range(10):
            kept.add(make_submission("JP", visitor=f"{thread}-{number}"))

    in_threads(6, work)

    assert counted(kept) == {"JP": Count(40, 40)}
    assert len(list(kept.selections(SUNDAY))) == 40


# --- encryption -------------------------------------------------------------------------------


def told(kept: SelectionStore) -> list[str]:
    """Every user and session that is stored, sorted; what they are under is `seen` afterwards."""
    found: list[str] = []

    def look(text: str) -> str:
        found.append(text)
        return text

    list(kept.reencrypt(look, "seen", 100))
    return sorted(found)


def test_reencryption_is_stopped_and_goes_on_with_the_rest(kept):
    for number in range(5):
        kept.add(make_submission("JP", user=f"user {number}", session=f"session {number}"))
    kept.add(make_submission("JP", user="done", session="done", key_id="second-key"))
    converted: list[str] = []

    def convert(text: str) -> str:
        converted.append(text)
        return f"new {text}"

    stopped = kept.reencrypt(convert, "second-key", 2)
    first = next(stopped)
    stopped.close()
    rest = list(kept.reencrypt(convert, "second-key", 2))

    assert (first, sum(rest), max(rest)) == (2, 3, 2)
    texts = [f"{kind} {number}" for kind in ("session", "user") for number in range(5)]
    assert sorted(converted) == texts
    assert list(kept.reencrypt(convert, "second-key", 2)) == []
    assert told(kept) == sorted(["done", "done", *(f"new {text}" for text in texts)])


# --- documents --------------------------------------------------------------------------------


def test_a_document_is_read_as_it_was_written(kept):
    body = {
        "period": "daily",
        "ranking": [{"rank": 1, "score": 3, "percentage": 62.5}],
        "name": "일본",
        "no": None,
    }

    assert kept.write("daily", body, expected=0) is True

    found = kept.documents(["daily", "weekly", "daily"])
    assert list(found) == ["daily"]
    assert (found["daily"].version, found["daily"].body) == (1, body)


def test_who_writes_over_what_he_has_not_seen_changes_nothing(kept):
    kept.write("daily", {"by": "first"}, expected=0)

    assert kept.write("daily", {"by": "second"}, expected=0) is False
    assert kept.write("daily", {"by": "third"}, expected=2) is False
    assert kept.write("weekly", {"by": "fourth"}, expected=1) is False
    assert kept.documents(["daily", "weekly"])["daily"].body == {"by": "first"}

    assert kept.write("daily", {"by": "fifth"}, expected=1) is True
    found = kept.documents(["daily", "weekly"])
    assert (list(found), found["daily"].version, found["daily"].body) == (["daily"], 2, {"by": "fifth"})


def test_no_documents_are_asked_for_and_none_come(kept):
    assert kept.documents([]) == {}


def test_a_quarter_of_sealed_days_is_read_at_once(kept):
    names = [f"day#{number}" for number in range(120)]
    for name in names:
        kept.write(name, {"name": name}, expected=0)

    found = kept.documents(names)

    assert {name: document.body["name"] for name, document in found.items()} == {name: name for name in names}


@pytest.mark.django_db(transaction=True)
def test_eight_writers_of_a_document_lose_nothing_of_each_other(kept):
    def write(thread: int) -> list[int]:
        written = []
        for _ in range(12):
            there = kept.documents(["daily"]).get("daily")
            version = there.version if there else 0
            total = there.body["total"] if there else 0
            if kept.write("daily", {"total": total + 1, "by": thread}, expected=version):
                written.append(version + 1)
        return written

    versions = in_threads(8, write)

    successes = sorted(version for written in versions for version in written)
    [(name, document)] = kept.documents(["daily"]).items()
    assert successes == list(range(1, document.version + 1))
    assert (name, document.body["total"]) == ("daily", document.version)
    assert document.version in versions[document.body["by"]]


# --- the store itself -------------------------------------------------------------------------


def test_a_store_that_is_well_says_nothing(kept):
    kept.ping()


def test_tables_that_are_there_are_not_made_again(kept):
    kept.add(make_submission("JP"))

    assert kept.create_tables() == []
    assert counted(kept) == {"JP": Count(1, 1)}
