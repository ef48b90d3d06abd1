"""Selections in the relational database: SQLite on a laptop, MySQL where there is no DynamoDB."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, connections, transaction
from django.db.models import F, Sum

from config.commit import READ_ONLY, committed
from config.events.event import Event
from config.events.outbox import Outbox, record, told
from ranking import events
from ranking.models import DailyCount, RankingResult, Selection, Visit
from ranking.selection import Chosen, Count, DayCounts, Receipt, StoredSelection, Submission
from ranking.stores import Document, KeyReused, StoreUnavailable
from ranking.window import seoul_day

#: Days for which it is remembered who has been counted; the day itself, and room for late clocks.
_VISITS_KEPT = timedelta(days=3)
#: Rows deleted in one transaction: well below a second of locks.
_DELETED_AT_ONCE = 2_000
#: Selections of a country removed in one transaction, for the same reason.
_REMOVED_AT_ONCE = 500


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as exc:
        if exc.args and exc.args[0] in READ_ONLY:
            connections["default"].close()
        raise StoreUnavailable(type(exc).__name__) from exc


class SqlStore:
    """See `ranking.stores.SelectionStore`. What happens once is decided by unique constraints."""

    name = "database"
    outbox: Outbox | None = None

    def add(self, submission: Submission) -> Receipt:
        ids = tuple(selection_id for selection_id, _ in submission.choices)
        is_retry = False

        def once() -> Receipt:
            nonlocal is_retry
            # The connection may have been lost between the commit and its answer.
            if is_retry and Selection.objects.filter(pk=ids[0]).exists():
                return Receipt(ids, is_replay=False)
            is_retry = True
            return self._add(submission, ids)

        with _reachable():
            # A unique key that another request has just taken ends our transaction; done again it
            # finds that request's rows.
            return committed(once)

    def _add(self, submission: Submission, ids: tuple[str, ...]) -> Receipt:
        if submission.idempotency is not None and (earlier := self._earlier(submission)) is not None:
            return earlier
        countries = [country for _, country in submission.choices]
        visited = set(
            Visit.objects.filter(
                selection_date=submission.day, visitor=submission.visitor, country_code__in=countries
            ).values_list("country_code", flat=True)
        )
        Selection.objects.bulk_create(_rows(submission))
        # In one order everywhere, so that two requests never wait for each other.
        for country in sorted(countries):
            is_new = country not in visited
            if is_new:
                Visit.objects.create(
                    selection_date=submission.day, country_code=country, visitor=submission.visitor
                )
            self._count(submission, country, visitors=int(is_new))
        record(events.recorded(submission, visited))
        return Receipt(ids, is_replay=False)

    @staticmethod
    def _earlier(submission: Submission) -> Receipt | None:
        first = Selection.objects.filter(idempotency_key=submission.idempotency).first()
        if first is None:
            return None
        if first.request_fingerprint != submission.fingerprint:
            raise KeyReused
        ids = Selection.objects.filter(request_id=first.request_id).order_by("request_place")
        return Receipt(tuple(ids.values_list("pk", flat=True)), is_replay=True)

    @staticmethod
    def _count(submission: Submission, country: str, *, visitors: int) -> None:
        shard = int(submission.choices[0][0][-8:], 16) % settings.SELECTION_SHARDS
        place = {"selection_date": submission.day, "country_code": country, "shard": shard}
        added = {"selections": F("selections") + 1, "visitors": F("visitors") + visitors}
        if not DailyCount.objects.filter(**place).update(**added):
            DailyCount.objects.create(**place, selections=1, visitors=visitors)

    def counts(self, days: Sequence[date]) -> dict[date, DayCounts]:
        found: dict[date, dict[str, Count]] = {day: {} for day in days}
        with _reachable():
            sums = (
                DailyCount.objects.filter(selection_date__in=days)
                .values_list("selection_date", "country_code")
                .annotate(Sum("selections"), Sum("visitors"))
            )
            for day, country, selections, visitors in sums:
                found[day][country] = Count(selections, visitors)
        return dict(found)

    def selections(self, day: date, country_code: str | None = None) -> Iterator[StoredSelection]:
        rows = Selection.objects.filter(selection_date=day)
        if country_code is not None:
            rows = rows.filter(country_code=country_code)
        with _reachable():
            for told in rows.values_list("pk", "country_code", "selected_at").iterator(chunk_size=2_000):
                yield StoredSelection(*told)

    def choices(self, day: date, country_code: str) -> Iterator[Chosen]:
        rows = Selection.objects.filter(selection_date=day, country_code=country_code)
        with _reachable():
            for told in rows.values_list("selected_at", "visitor").iterator(chunk_size=2_000):
                yield Chosen(*told)

    def remove(self, day: date, is_meant: Callable[[str], bool]) -> int:
        with _reachable():
            rows = Selection.objects.filter(selection_date=day).values_list("country_code", "pk")
            meant = sorted(row for row in rows.iterator(chunk_size=2_000) if is_meant(row[1]))
            removed = 0
            for country, of_country in groupby(meant, key=itemgetter(0)):
                ids = [pk for _, pk in of_country]
                for start in range(0, len(ids), _REMOVED_AT_ONCE):
                    batch = ids[start : start + _REMOVED_AT_ONCE]
                    removed += committed(partial(_removed, day, country, batch))
            return removed

    def documents(self, names: Sequence[str]) -> dict[str, Document]:
        with _reachable():
            rows = RankingResult.objects.filter(period__in=names).values_list("period", "version", "body")
            return {name: Document(version, body) for name, version, body in rows}

    def write(
        self, name: str, body: Mapping[str, Any], *, expected: int, telling: Iterable[Event] = ()
    ) -> bool:
        row = {"version": expected + 1, "body": dict(body)}
        in_force = RankingResult.objects.filter(period=name, version=expected)
        waiting = told(telling)
        with _reachable():
            if expected and not waiting:
                return bool(in_force.update(**row))  # a transaction by itself
            try:
                with transaction.atomic():
                    if not expected:
                        RankingResult.objects.create(period=name, **row)
                    elif not in_force.update(**row):
                        return False
                    # Behind the write: who writes the next version waits for us, and notes its event later.
                    record(waiting)
            except IntegrityError:
                return False
            return True

    def expire(self, now: datetime) -> int:
        expired = Selection.objects.filter(expires_at__lte=now).order_by("expires_at")
        counted = Visit.objects.filter(selection_date__lt=seoul_day(now) - _VISITS_KEPT)
        with _reachable():
            return sum(_delete(rows) for rows in (expired, counted))

    def reencrypt(self, convert: Callable[[str], str], key_id: str, batch: int) -> Iterator[int]:
        last = ""
        while True:
            with _reachable(), transaction.atomic():
                rows = list(
                    Selection.objects.exclude(key_id=key_id)
                    .filter(pk__gt=last)
                    .order_by("pk")
                    .only("user", "session", "key_id")[:batch]
                )
                for row in rows:
                    row.user, row.session, row.key_id = convert(row.user), convert(row.session), key_id
                if rows:
                    Selection.objects.bulk_update(rows, ["user", "session", "key_id"])
            if not rows:
                return
            last = rows[-1].pk
            yield len(rows)

    def create_tables(self) -> list[str]:
        return []  # `manage.py migrate` makes them

    def ping(self) -> None:
        with _reachable(), connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")


def _rows(submission: Submission) -> Iterator[Selection]:
    request_id = submission.choices[0][0]
    for place, (selection_id, country) in enumerate(submission.choices):
        yield Selection(
            id=selection_id,
            country_code=country,
            selection_date=submission.day,
            selected_at=submission.selected_at,
            visitor=submission.visitor,
            address_hash=submission.address,
            agent_hash=submission.agent,
            user=submission.user,
            session=submission.session,
            key_id=submission.key_id,
            referrer=submission.referrer,
            idempotency_key=None if place else submission.idempotency,
            request_fingerprint=submission.fingerprint,
            request_place=place,
            request_id=request_id,
            expires_at=submission.expires_at,
        )


def _removed(day: date, country: str, ids: list[str]) -> int:
    """In the caller's transaction: delete those of these selections that are there, and uncount them."""
    there = Selection.objects.filter(selection_date=day, country_code=country)
    meant = dict(there.filter(pk__in=ids).select_for_update().values_list("pk", "visitor"))
    there.filter(pk__in=meant).delete()
    visitors = set(meant.values())
    lost = visitors - set(there.filter(visitor__in=visitors).values_list("visitor", flat=True))
    Visit.objects.filter(selection_date=day, country_code=country, visitor__in=lost).delete()
    _uncount(day, country, Count(len(meant), len(lost)))
    return len(meant)


def _uncount(day: date, country: str, count: Count) -> None:
    """Take it from whichever shares have it: the number of shards may have been another."""
    left = count
    rows = DailyCount.objects.select_for_update().filter(selection_date=day, country_code=country)
    for row in rows.order_by("shard"):
        share = Count(min(row.selections, left.selections), min(row.visitors, left.visitors))
        left = left.without(share)
        row.selections -= share.selections
        row.visitors -= share.visitors
        if row.selections or row.visitors:
            row.save(update_fields=["selections", "visitors"])
        else:
            row.delete()


def _delete(rows: Any) -> int:
    deleted = 0
    # By primary key and in small transactions: MySQL would lock all of them, and their gaps, at once.
    while chosen := list(rows.values_list("pk", flat=True)[:_DELETED_AT_ONCE]):
        rows.model.objects.filter(pk__in=chosen).delete()
        deleted += len(chosen)
    return deleted
