"""What is particular to the SQL store: a commit whose answer is lost, races on rows, a database that is out."""

from typing import Any

import pytest
from django.db import OperationalError, connections

from ranking.models import DailyCount, Selection
from ranking.selection import Count
from ranking.stores import StoreUnavailable
from ranking.stores.sql import SqlStore
from tests.ranking.outage import database_out
from tests.ranking.submissions import SUNDAY, ids, make_submission

SERVER_LOST = 2013


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", [None, "5b" * 16])
def test_a_selection_whose_commit_was_not_answered_counts_once(monkeypatch, key):
    connection: Any = connections["default"]
    commit = connection._commit
    lost: list[bool] = []

    def commit_unanswered():
        commit()
        if not lost:
            lost.append(True)
            raise OperationalError(SERVER_LOST, "Lost connection to MySQL server during query")

    monkeypatch.setattr(connection, "_commit", commit_unanswered)
    submission = make_submission("JP", "US", idempotency=key)

    receipt = SqlStore().add(submission)

    assert lost
    assert receipt.selection_ids == ids(submission)
    assert SqlStore().counts([SUNDAY])[SUNDAY] == {"JP": Count(1, 1), "US": Count(1, 1)}


@pytest.mark.django_db
def test_a_days_counters_are_spread_over_their_shards(settings):
    settings.SELECTION_SHARDS = 4

    for number in range(40):
        SqlStore().add(make_submission(visitor=f"{number:032x}"))

    shards = dict(DailyCount.objects.values_list("shard", "selections"))
    assert set(shards) == {0, 1, 2, 3}
    assert sum(shards.values()) == 40


@pytest.mark.django_db
def test_a_selection_costs_five_queries_once_its_day_has_begun(django_assert_num_queries):
    SqlStore().add(make_submission(visitor="aa" * 16, choices=(("0" * 32, "JP"),)))

    # The key, the visit, the selection, the mark of the visit, and the counter; and inside a test's own
    # transaction a savepoint and its release, in place of BEGIN and COMMIT.
    with django_assert_num_queries(5 + 2):
        SqlStore().add(make_submission(visitor="bb" * 16, choices=(("8" * 32, "JP"),), idempotency="c" * 32))


@pytest.fixture
def out(transactional_db):
    with database_out():
        yield


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.add(make_submission()),
        lambda store: store.counts([SUNDAY]),
        lambda store: list(store.selections(SUNDAY)),
        lambda store: store.documents(["daily"]),
        lambda store: store.write("daily", {}, expected=0),
        lambda store: store.write("daily", {}, expected=1),
        lambda store: list(store.reencrypt(str, "k", 10)),
        lambda store: store.ping(),
    ],
)
def test_a_database_that_is_out_says_so(out, ask):
    with pytest.raises(StoreUnavailable):
        ask(SqlStore())


@pytest.mark.django_db
def test_nothing_is_stored_where_the_last_statement_fails(monkeypatch):
    def broken(*_, **__):
        raise OperationalError(1030, "Got error 28 from storage engine")

    monkeypatch.setattr(DailyCount.objects, "filter", broken)
    with pytest.raises(StoreUnavailable):
        SqlStore().add(make_submission())
    monkeypatch.undo()

    assert not Selection.objects.exists()
