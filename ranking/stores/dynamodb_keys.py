"""What is in travel_destination_selections, by partition key.

    2026-11-22#07            the selections; sort key <selected_at>#<visitor, shortened>#<selection id>
    2026-11-22#07#counts     {selections, visitors} of each country; they alone never expire
    2026-11-22#03#visits     <country>#<visitor>: has been counted that day; by the visitor's shard
    idempotency#<hashed key> what a request with this key has stored
    outbox#07                selections that others are to be told of; sort key <id of the event>
    outbox#rankings          rankings that others are to be told of; sort key <period>#<version>

There are SELECTION_SHARDS shards, so that a busy day is not one partition and a busy country not
one counter. All of a request is in the shard of its first selection. `country_code` is `JP#07`, on
selections only: the index country-date-index is sharded as well, and holds nothing else.
"""

import zlib
from datetime import UTC, date, datetime

from django.conf import settings

from ranking.selection import Chosen, StoredSelection, Submission
from ranking.stores.dynamodb_calls import Item


def key(partition: str, sort: str) -> dict[str, str]:
    return {"selection_date": partition, "selection_timestamp_userid": sort}


def key_of(item: Item) -> dict[str, str]:
    return key(item["selection_date"], item["selection_timestamp_userid"])


def shards() -> list[str]:
    return [f"{number:02d}" for number in range(settings.SELECTION_SHARDS)]


def _shard(text: str) -> str:
    return f"{zlib.crc32(text.encode()) % settings.SELECTION_SHARDS:02d}"


def shard(submission: Submission) -> str:
    return _shard(submission.choices[0][0])


def selections(day: date, shard: str) -> str:
    return f"{day}#{shard}"


def counts(day: date, shard: str) -> str:
    return f"{day}#{shard}#counts"


def country(code: str, shard: str) -> str:
    return f"{code}#{shard}"


def selection(submission: Submission, selection_id: str) -> dict[str, str]:
    instant = submission.selected_at.astimezone(UTC).isoformat(timespec="microseconds")
    sort = f"{instant.removesuffix('+00:00')}Z#{submission.visitor[:16]}#{selection_id}"
    return key(selections(submission.day, shard(submission)), sort)


def told(item: Item) -> StoredSelection:
    """A selection, told by its keys."""
    instant, _, selection_id = item["selection_timestamp_userid"].split("#")
    code, _, _ = item["country_code"].partition("#")
    return StoredSelection(selection_id, code, datetime.fromisoformat(instant))


def chosen(item: Item) -> Chosen:
    """When and by whom; the first half of the visitor's hash tells visitors of a day apart."""
    instant, visitor, _ = item["selection_timestamp_userid"].split("#")
    return Chosen(datetime.fromisoformat(instant), visitor)


def visit(submission: Submission, code: str) -> dict[str, str]:
    return visit_of(submission.day, submission.visitor, code)


def visit_of(day: date, visitor: str, code: str) -> dict[str, str]:
    return key(f"{day}#{_shard(visitor)}#visits", f"{code}#{visitor}")


def waiting(shard: str) -> str:
    return f"outbox#{shard}"


WAITING_RANKINGS = waiting("rankings")


def waiting_ranking(period: str, version: int) -> dict[str, str]:
    return key(WAITING_RANKINGS, f"{period}#{version:012d}")


def request(submission: Submission) -> dict[str, str]:
    return key(f"idempotency#{submission.idempotency}", "key")
