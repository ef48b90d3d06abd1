"""The selections' tables of now, made whole from those of a moment: what is missing, and every day's counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from deploy.release import screen
from deploy.restore import counting, moment, returning, tables
from deploy.restore.moment import Refused
from deploy.restore.returning import Counters, day_of
from ranking.audit import audit
from ranking.stores import dynamodb_keys as keys
from ranking.stores.dynamodb import DynamoStore
from ranking.stores.dynamodb_tables import RESULTS, SELECTIONS
from ranking.tally import reseal
from ranking.window import seoul_day

AFTERWARDS = """\
What is left:
  manage.py audit_selections --days 30     once more, and tomorrow
  manage.py rotate_encryption_keys         if keys were turned over since {at}: what came back is under the old one
Rankings are computed anew by beat within five minutes. When nothing is missed:
  aws dynamodb delete-table --table-name {selections}
  aws dynamodb delete-table --table-name {results}"""


@dataclass(frozen=True)
class Adopted:
    """`returned`: items put back, by kind. `differing`: days whose counts are not what is stored, after all."""

    returned: dict[str, int]
    corrected: int
    differing: list[date]


def adopt(at: datetime, *, now: datetime) -> Adopted:
    """Everything that the side tables of `at` hold and the tables do not. Safe to repeat, and while in use.

    What was taken out on purpose since then comes back as well (`seed_demo --remove`, if it was that).
    What is there, but wrong, stays as it is.
    Raises: Refused; Busy; StoreUnavailable; ClientError where there is no side table.
    """
    with screen.waiting() as tell:
        returned, then = returning.selections(tables.side_name(SELECTIONS, at), now=now, tell=tell)
        _check_shards(then)
        returned["results"] = returning.results(tables.side_name(RESULTS, at))
        corrected, days = 0, sorted(_days(then, at, now))
        for number, day in enumerate(days, 1):
            corrected += counting.count_again(day, then, now=now)
            if day <= seoul_day(now) - timedelta(days=2):
                reseal(DynamoStore(), day)
            tell(f"{number:,} of {len(days):,} days counted, {corrected:,} counters corrected")
    differing = [found.day for found in audit(DynamoStore(), _kept(days, now)) if found.differing]
    return Adopted(dict(returned), corrected, differing)


def afterwards(at: datetime) -> str:
    return AFTERWARDS.format(
        at=moment.told(at),
        selections=tables.side_name(SELECTIONS, at),
        results=tables.side_name(RESULTS, at),
    )


def _check_shards(then: Counters) -> None:
    known = set(keys.shards())
    if strange := {partition.split("#")[1] for partition, _ in then} - known:
        raise Refused(
            f"there are counters of shard {max(strange)}: set SELECTION_SHARDS as the service has it,"
            f" to {int(max(strange)) + 1} or more"
        )


def _days(then: Counters, at: datetime, now: datetime) -> set[date]:
    """Those that were counted then, and every one since: its selections may have been hit as well."""
    days = {day_of(partition) for partition, _ in then}
    first, today = seoul_day(at) - timedelta(days=1), seoul_day(now)
    return days | {first + timedelta(days=number) for number in range((today - first).days + 1)}


def _kept(days: list[date], now: datetime) -> Iterator[date]:
    oldest = seoul_day(now) - timedelta(days=settings.SELECTION_RETENTION_DAYS - 1)
    return (day for day in days if day >= oldest)
