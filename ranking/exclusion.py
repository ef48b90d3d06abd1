"""Bursts that operators leave out of the rankings: the selections stay, the counts are told without them.

The table RankingExclusion is the record and the truth. What rankings read is one small document in the
selections' store, {day: {country: [selections, visitors]}}, made of the table; it is taken from the
counts where they are read (`tally`), so that sealed days need no other seal.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.cache import generation, shared
from config.commit import committed
from config.operators import audit
from ranking.announcing import announce
from ranking.burst import Span, taken_out
from ranking.left_out import DOCUMENT
from ranking.models import RankingExclusion
from ranking.selection import Chosen, Count
from ranking.stores import StoreUnavailable, store
from ranking.window import seoul_day

#: Days whose exclusions are counted again as long as selections may still come in for them.
_RECOUNTED = timedelta(days=2)
#: Seconds between two recounts: they read selections, which rankings otherwise never do.
_RECOUNT_EVERY = 300.0
_ATTEMPTS = 10

User = AbstractBaseUser | AnonymousUser
_T = TypeVar("_T")


class SelectionsGone(Exception):
    """The selections of that day have expired: what a part of it holds cannot be counted any more."""


class UndoneAlready(Exception):
    """Somebody has undone it before."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a span would take out beside what is left out already, and what is counted now."""

    would_take: Count
    counted: Count


def span_taken(country_code: str, span: Span, *, now: datetime) -> Preview:
    """What leaving out a span of a Seoul day would do. Raises: SelectionsGone; StoreUnavailable."""
    day = _day_of(span)
    _check_kept(day, now)
    rows = list(_standing(day, country_code))
    choices = list(store().choices(day, country_code))
    taken = taken_out(choices, [*map(_span, rows), span])
    counted = store().counts([day])[day].get(country_code, Count())
    return Preview(taken[-1], counted.without(_sum(taken[:-1])))


def exclude(country_code: str, span: Span, *, why: str, by: User, now: datetime) -> RankingExclusion:
    """Leave a span of a Seoul day out, note who says so, and have the rankings made anew.

    Whatever is selected in a span that is not over yet will be left out as well, within minutes.
    Raises: ValueError without a reason or for a span that is not within one Seoul day that has begun;
        SelectionsGone; StoreUnavailable.
    """
    day = _day_of(span)
    if not why.strip() or day > seoul_day(now):
        raise ValueError(f"{country_code} {span}: nothing that can be left out")
    _check_kept(day, now)
    choices = list(store().choices(day, country_code))

    def once() -> RankingExclusion:
        made = RankingExclusion.objects.create(
            country_code=country_code,
            day=day,
            begins_at=span.begins_at,
            ends_at=span.ends_at,
            reason=why,
            made_at=now,
            made_by=by.get_username(),
        )
        _count_again(day, country_code, choices)
        made.refresh_from_db()
        what = _("Left out of rankings: {selections} selections, {visitors} visitors")
        told = what.format(selections=made.selections, visitors=made.visitors)
        audit.note(by=by, what=told, why=why, about=made)
        return made

    return _done(once)


def undo(exclusion_id: int, *, why: str, by: User, now: datetime) -> RankingExclusion:
    """Count again what was left out.

    Raises: ValueError without a reason; UndoneAlready; RankingExclusion.DoesNotExist; StoreUnavailable.
    """
    if not why.strip():
        raise ValueError("no reason")
    row = RankingExclusion.objects.get(pk=exclusion_id)
    # Where the selections have expired the others keep what they were found to take out.
    choices = list(store().choices(row.day, row.country_code)) if _are_kept(row.day, now) else None

    def once() -> RankingExclusion:
        undone = {"undone_at": now, "undone_by": by.get_username(), "undone_why": why}
        if not RankingExclusion.objects.filter(pk=row.pk, undone_at__isnull=True).update(**undone):
            raise UndoneAlready(row.pk)
        row.refresh_from_db()
        if choices is not None:
            _count_again(row.day, row.country_code, choices)
        audit.note(by=by, what=_("Counted again in rankings"), why=why, about=row)
        return row

    return _done(once)


def keep_up(*, now: datetime) -> None:
    """Count the exclusions of days that are not over again, now and then, and mend the document.

    An operator's burst may go on, and a visitor of it may come back outside of it. Safe to repeat.
    Raises: StoreUnavailable.
    """
    if shared.claim("ranking:recounted", _RECOUNT_EVERY):
        recount(since=seoul_day(now) - _RECOUNTED, now=now)


def recount(*, since: date, now: datetime) -> None:
    """Count every exclusion of days from `since` on again. Raises: StoreUnavailable.

    Those of days whose selections have expired keep what they were found to take out.
    """
    rows = RankingExclusion.objects.filter(undone_at__isnull=True, day__gte=since).order_by()
    for day, country_code in rows.values_list("day", "country_code").distinct():
        if not _are_kept(day, now):
            continue
        choices = list(store().choices(day, country_code))
        committed(lambda day=day, code=country_code, each=choices: _count_again(day, code, each))  # type: ignore[misc]
    publish()


def publish() -> bool:
    """Bring the document in line with the table; whether it was not. Raises: StoreUnavailable."""
    for _attempt in range(_ATTEMPTS):
        document = store().documents([DOCUMENT]).get(DOCUMENT)
        body = _body()
        if body == (document.body if document else {}):
            return False
        if store().write(DOCUMENT, body, expected=document.version if document else 0):
            return True
    raise StoreUnavailable(f"{DOCUMENT}: overtaken {_ATTEMPTS} times")


# --- the table --------------------------------------------------------------------------------


def _done(once: Callable[[], _T]) -> _T:
    """Do it, tell the store, and have everybody look again."""
    made = committed(once)
    publish()
    generation.move_on("rankings")
    announce()
    return made


def _standing(day: date, country_code: str) -> QuerySet[RankingExclusion]:
    rows = RankingExclusion.objects.filter(day=day, country_code=country_code, undone_at__isnull=True)
    return rows.order_by("pk")


def _span(row: RankingExclusion) -> Span:
    return Span(row.begins_at, row.ends_at)


def _day_of(span: Span) -> date:
    """Raises: ValueError for a span that is empty, or of two Seoul days."""
    first, last = seoul_day(span.begins_at), seoul_day(span.ends_at - timedelta(microseconds=1))
    if span.begins_at >= span.ends_at or first != last:
        raise ValueError(f"{span}: not within one Seoul day")
    return first


def _are_kept(day: date, now: datetime) -> bool:
    return (seoul_day(now) - day).days < settings.SELECTION_RETENTION_DAYS - 1


def _check_kept(day: date, now: datetime) -> None:
    if not _are_kept(day, now):
        raise SelectionsGone(str(day))


def _count_again(day: date, country_code: str, choices: Iterable[Chosen]) -> None:
    """In the caller's transaction: what each of them takes out, beside those before it."""
    # Locked: of two who leave out parts of one day at once the second has to see the first one's.
    rows = list(_standing(day, country_code).select_for_update())
    for row, count in zip(rows, taken_out(choices, [_span(row) for row in rows]), strict=True):
        if (row.selections, row.visitors) != (count.selections, count.visitors):
            row.selections, row.visitors = count.selections, count.visitors
            row.save(update_fields=["selections", "visitors"])


def _sum(counts: Iterable[Count]) -> Count:
    total = Count()
    for count in counts:
        total += count
    return total


def _body() -> dict[str, dict[str, list[int]]]:
    body: dict[str, dict[str, list[int]]] = {}
    for row in RankingExclusion.objects.filter(undone_at__isnull=True).order_by("day", "country_code", "pk"):
        of_day = body.setdefault(row.day.isoformat(), {})
        selections, visitors = of_day.get(row.country_code, (0, 0))
        of_day[row.country_code] = [selections + row.selections, visitors + row.visitors]
    return body
