"""Past days of one provider, collected in parts an operator can watch, stop and take up again.

A part is a run like any other (`ingestor.run`): leased, archived, screened, logged. What is done is
kept in the backfill's row after each, so a killed process costs the part that it was at. A part that
is done twice stores nothing twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from config.commit import committed
from currency.models import LatestRate
from currency.schedule import due_at, publishes_on
from history.models import DailyRate
from ingestor import registry, run
from ingestor.backfill_state import Backfill, BackfillState
from ingestor.models import Outcome, Trigger
from ingestor.published import NoHistory
from ingestor.result import BUSY, Counts, RunResult

#: A part is as many calendar months as it may be for so many requests: ECOS answers three months at
#: once, Eximbank a day, the ECB everything. Five years of 30 currencies are some seconds of work.
MONTHS = (60, 12, 3, 1)
REQUESTS = 25
#: After a failure that waiting may heal: how often, and how long after, it is tried again.
TRIES, PAUSE = 3, timedelta(minutes=2)
#: Another run of the provider is under way.
_BUSY_SECONDS = 20
#: A message cannot be delayed by more (SQS).
_LONGEST_DELAY = 900
#: A running backfill that has not moved for so long has lost its worker, or the page that drove it.
SILENT = timedelta(minutes=10)
_TASK = "ingestor.backfill"

log = structlog.get_logger(__name__)


class NotPossible(Exception):
    """These days cannot be asked of this provider; the text says why."""


class UnderWay(Exception):
    """A backfill of this provider is running already."""


class NotOpen(Exception):
    """This backfill is over, or is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a backfill would do. Days are rate dates; `counts` are of figures, None where the range was too
    long to be asked for beforehand or `failure` says why the provider did not answer."""

    requests: int
    parts: int
    publication_days: int
    days_held: int
    counts: Counts | None
    failure: str = ""

    @property
    def days_missing(self) -> int:
        """By the calendar, which is a hint: at most so many."""
        return max(0, self.publication_days - self.days_held)


def providers() -> list[str]:
    """Whose past can be asked for: providers of rates with a history, and with a key if they need one."""
    return [
        key for key, one in registry.profiles().items() if one.coverage_start and registry.is_configured(key)
    ]


def refuse_if_impossible(key: str, first: date, last: date, *, now: datetime) -> None:
    """Raises: NotPossible."""
    if key not in providers():
        raise NotPossible(_("This provider has no history to ask for, or its key is not set."))
    profile = registry.profiles()[key]
    today = now.astimezone(ZoneInfo(profile.time_zone)).date()
    if first > last:
        raise NotPossible(_("The first day is after the last one."))
    if last > today:
        raise NotPossible(
            _("There are no figures of the future: today is %(today)s at this provider.") % {"today": today}
        )
    if profile.coverage_start and first < profile.coverage_start:
        raise NotPossible(
            _("The figures of this provider begin on %(day)s.") % {"day": profile.coverage_start}
        )


def parts(key: str, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The range cut into parts, each asked for in one run; all but the last end with a month."""
    while first <= last:
        end = _end_of_part(key, first, last)
        yield first, end
        first = end + timedelta(days=1)


def _end_of_part(key: str, first: date, last: date) -> date:
    """The last day of the part that begins on `first`. Raises: NotPossible."""
    ends = [min(_month_end(first, months), last) for months in MONTHS]
    return next((end for end in ends if _requests(key, first, end) <= REQUESTS), ends[-1])


def _month_end(first: date, months: int) -> date:
    """The last day of the `months`-th calendar month from `first` on, its own counted."""
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def _requests(key: str, first: date, last: date) -> int:
    try:
        return sum(len(group) for group in registry.adapter(key).between(first, last, registry.endpoint(key)))
    except NoHistory as exc:
        raise NotPossible(str(exc)) from exc


def preview(key: str, first: date, last: date, *, now: datetime) -> Preview:
    """What `begin` would bring. A range of one part is asked for and compared, and nothing of it kept.

    Two queries, and for one part a dry run of some seconds. Raises: NotPossible.
    """
    refuse_if_impossible(key, first, last, now=now)
    cut = list(parts(key, first, last))
    told: RunResult | None = None
    if len(cut) == 1:
        told = run.collect(key, trigger=Trigger.BACKFILL, now=now, first=first, last=last, dry_run=True)
    failed = told is not None and told.outcome == Outcome.FAILURE
    profile = registry.profiles()[key]
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    codes = list(LatestRate.objects.filter(source=key).order_by().values_list("currency_code", flat=True))
    # The codes lead the index.
    held = DailyRate.objects.filter(currency_code__in=codes, source=key, rate_date__range=(first, last))
    return Preview(
        requests=sum(_requests(key, *part) for part in cut),
        parts=len(cut),
        publication_days=sum(
            publishes_on(profile.calendar, day) and due_at(profile, day) <= now for day in days
        ),
        days_held=held.values("rate_date").distinct().count(),
        counts=None if told is None or failed else told.counts,
        failure=told.reason if told is not None and failed else "",
    )


def begin(key: str, first: date, last: date, *, by: str, why: str, now: datetime) -> Backfill:
    """A new backfill; nothing is asked yet: `send` it after commit, or `advance` it.

    Raises: NotPossible; UnderWay.
    """
    refuse_if_impossible(key, first, last, now=now)
    try:
        with transaction.atomic():
            return Backfill.objects.create(
                provider=key,
                first_date=first,
                last_date=last,
                next_date=first,
                running_for=key,
                asked_by=by,
                why=why,
                asked_at=now,
                moved_at=now,
            )
    except IntegrityError as exc:
        raise UnderWay(_("A backfill of this provider is running already.")) from exc


def resume(pk: int, *, now: datetime) -> None:
    """Let a stopped one run on, or one that waits after a failure go on at once. Repeatable.

    Raises: NotOpen; UnderWay when another of its provider is running by now.
    """
    rows = Backfill.objects.filter(pk=pk, state__in=(BackfillState.RUNNING, BackfillState.STOPPED))
    try:
        with transaction.atomic():
            found = rows.update(
                state=BackfillState.RUNNING,
                running_for=F("provider"),
                failures=0,
                again_at=None,
                moved_at=now,
            )
    except IntegrityError as exc:
        raise UnderWay(_("A backfill of this provider is running already.")) from exc
    if not found:
        raise NotOpen(_("This backfill is over."))


def cancel(pk: int, *, now: datetime) -> None:
    """End it; a part that is being collected ends first. What it has stored stays. Raises: NotOpen."""
    rows = Backfill.objects.filter(pk=pk, state__in=(BackfillState.RUNNING, BackfillState.STOPPED))
    if not rows.update(state=BackfillState.CANCELLED, running_for=None, again_at=None, ended_at=now):
        raise NotOpen(_("This backfill is over."))


def advance(pk: int, *, now: datetime) -> Backfill:
    """Collect the next part, if it is time to; the row as it is then.

    Safe to call twice, and from two processes at once: the provider's lease lets one through.
    Raises: Backfill.DoesNotExist; whatever `run.collect` raises.
    """
    row = Backfill.objects.get(pk=pk)
    if not row.is_running or (row.again_at is not None and now < row.again_at):
        return row
    end = _end_of_part(row.provider, row.next_date, row.last_date)
    result = run.collect(row.provider, trigger=Trigger.BACKFILL, now=now, first=row.next_date, last=end)
    ended_at = now + timedelta(seconds=result.seconds)
    if result.outcome in {Outcome.DATA, Outcome.NO_DATA}:
        committed(lambda: _note_part(row, end, result.counts, ended_at))
    elif result.outcome != BUSY:
        committed(lambda: _note_failure(row, result, ended_at))
    row.refresh_from_db()
    return row


def _note_part(row: Backfill, end: date, counts: Counts, now: datetime) -> None:
    # Whoever else did the same part meanwhile has noted it; one that was cancelled counts it all the same.
    moved = Backfill.objects.filter(pk=row.pk, next_date=row.next_date).update(
        next_date=end + timedelta(days=1),
        moved_at=now,
        again_at=None,
        failures=0,
        error="",
        new_count=F("new_count") + counts.new,
        same_count=F("same_count") + counts.same,
        revised_count=F("revised_count") + counts.revised,
        rejected_count=F("rejected_count") + counts.rejected,
    )
    if moved and end >= row.last_date:
        Backfill.objects.filter(pk=row.pk, state=BackfillState.RUNNING).update(
            state=BackfillState.DONE, running_for=None, ended_at=now
        )
        log.info("backfill_done", provider=row.provider, first=str(row.first_date), last=str(row.last_date))


def _note_failure(row: Backfill, result: RunResult, now: datetime) -> None:
    failures = row.failures + 1
    told = {"moved_at": now, "failures": failures, "error": result.reason}
    if result.may_heal and failures < TRIES:
        told |= {"again_at": now + PAUSE}
    else:
        told |= {"again_at": None, "state": BackfillState.STOPPED, "running_for": None}
    Backfill.objects.filter(pk=row.pk, state=BackfillState.RUNNING, next_date=row.next_date).update(**told)
    log.warning("backfill_failed", provider=row.provider, at=str(row.next_date), reason=result.reason)


# --- with workers --------------------------------------------------------------------------------


def has_workers() -> bool:
    """Whether workers do the parts; without a broker whoever watches does, with `advance`."""
    return bool(settings.CELERY_BROKER_URL)


def send(row: Backfill, *, delay: int = 0) -> None:
    """Have a worker do the next part. Call after commit. Raises: config.celery.QueueUnavailable."""
    from config.celery import enqueue

    enqueue(_TASK, {"backfill": str(row.pk), "at": row.next_date.isoformat()}, delay=delay)


def carry_on(pk: int, *, at: date, now: datetime) -> None:
    """A worker's turn: the part that begins `at`, then a message for the next one.

    A message that comes twice ends here the second time: its part is done.
    Raises: config.celery.QueueUnavailable; whatever `advance` raises.
    """
    row = Backfill.objects.filter(pk=pk, next_date=at, state=BackfillState.RUNNING).first()
    if row is None:
        return
    row = advance(pk, now=now)
    if not (row.is_running and has_workers()):
        return
    if row.again_at is not None:
        send(row, delay=min(_LONGEST_DELAY, max(1, round((row.again_at - now).total_seconds()))))
    else:
        send(row, delay=_BUSY_SECONDS if row.next_date == at else 0)
