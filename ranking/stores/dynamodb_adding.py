"""A submission as one DynamoDB transaction: stored and counted once, all of it or nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from config.events.outbox import told
from ranking import events
from ranking.selection import Receipt, Submission
from ranking.stores import KeyReused, dynamodb_outbox
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb_calls import Item, found, patiently, transact, typed
from ranking.stores.dynamodb_tables import EXPIRES_AT, SELECTIONS

#: How long it is remembered who has been counted on a day: the day itself, and room for late clocks.
_VISITS_KEPT = timedelta(days=3)


def add(submission: Submission) -> Receipt:
    """See `ranking.stores.SelectionStore.add`."""
    is_retry = False

    def once() -> Receipt:
        nonlocal is_retry
        try:
            return _attempt(submission, is_retry=is_retry)
        finally:
            is_retry = True

    return patiently(once)


def _attempt(submission: Submission, *, is_retry: bool) -> Receipt:
    """What is there already is read first: a retried request and a visitor who comes again are
    usual, and a cancelled transaction costs as much as one that goes through.

    Raises: Busy where another attempt, which reads again, will tell.
    """
    ids = tuple(selection_id for selection_id, _ in submission.choices)
    visits = {country: keys.visit(submission, country) for _, country in submission.choices}
    request = keys.request(submission)
    ours = keys.selection(submission, ids[0])
    wanted = list(visits.values())
    wanted += [request] if submission.idempotency is not None else []
    wanted += [ours] if is_retry else []
    there = {_name(item): item for item in found(SELECTIONS, wanted)}

    if (earlier := there.get(_name(request))) is not None:
        if earlier["fingerprint"] != submission.fingerprint:
            raise KeyReused
        stored = tuple(earlier["selection_ids"])
        # They are ours where our own transaction went through and its answer was lost.
        return Receipt(stored, is_replay=stored != ids)
    if _name(ours) in there:
        return Receipt(ids, is_replay=False)

    counted = {country for country, visit in visits.items() if _name(visit) in there}
    transact(list(_actions(submission, counted)))
    return Receipt(ids, is_replay=False)


def _name(item: Item) -> tuple[str, ...]:
    return tuple(keys.key_of(item).values())


def _actions(submission: Submission, counted: set[str]) -> Iterator[dict[str, Any]]:
    """At most 81 for twenty choices; DynamoDB takes a hundred.

    `counted`: the countries that this visitor has been counted for today.
    """
    shard = keys.shard(submission)
    expires_at = _seconds(submission.expires_at)
    for selection_id, country in submission.choices:
        yield _put(
            {
                **keys.selection(submission, selection_id),
                "country_code": keys.country(country, shard),
                "visitor": submission.visitor,
                "address": submission.address,
                "agent": submission.agent,
                "user": submission.user,
                "session": submission.session,
                "key_id": submission.key_id,
                "referrer": submission.referrer,
                EXPIRES_AT: expires_at,
            }
        )
        is_new = country not in counted
        if is_new:
            forgotten_at = _seconds(submission.selected_at + _VISITS_KEPT)
            yield _put({**keys.visit(submission, country), EXPIRES_AT: forgotten_at})
        yield {
            "Update": {
                "TableName": SELECTIONS,
                "Key": typed(keys.key(keys.counts(submission.day, shard), country)),
                "UpdateExpression": "ADD selections :one, visitors :new",
                "ExpressionAttributeValues": typed({":one": 1, ":new": int(is_new)}),
            }
        }
    if submission.idempotency is not None:
        yield _put(
            {
                **keys.request(submission),
                "fingerprint": submission.fingerprint,
                "selection_ids": [selection_id for selection_id, _ in submission.choices],
                EXPIRES_AT: expires_at,
            }
        )
    for event in told(events.recorded(submission, counted)):
        yield dynamodb_outbox.put(event, keys.key(keys.waiting(shard), event.id))


def _put(item: Item) -> dict[str, Any]:
    condition = "attribute_not_exists(selection_date)"
    return {"Put": {"TableName": SELECTIONS, "Item": typed(item), "ConditionExpression": condition}}


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
