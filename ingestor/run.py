"""One run of one provider, from the lease to the log: fetch, archive, convert, screen, record, publish.

A run that starts ends in one of three ways: data, the provider's word that there is none, or a
failure with its reason. A run that does not start says `busy` or `not_configured` and leaves no row.
"""

import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import Error as DatabaseError
from django.db import connections

from config.commit import committed
from config.observability.logs import bound, scrub
from currency.schedule import LOOK_BACK
from ingestor import archive, circuit, lease, neighbours, quarantine, recording, registry, transport
from ingestor.adapter import Adapter, Endpoint
from ingestor.bundled import bundled
from ingestor.conversion import NO_KRW_RATE, Rejected, to_krw
from ingestor.models import CollectionLog, Outcome, Trigger
from ingestor.published import (
    Ask,
    Observation,
    ProviderError,
    ProviderFormatError,
    ProviderUnavailable,
    PublishedRate,
)
from ingestor.recording import Origin, Sourced
from ingestor.registry import ProviderProfile
from ingestor.result import BUSY, NOT_CONFIGURED, Counts, RunResult
from ingestor.screening import AHEAD, Screened, screen

#: Observations a transaction: a second of work, so that a lease and a reader wait no longer.
CHUNK = 20_000
#: Seconds before a request is made again that was answered with passing trouble.
PAUSE = 1.0
#: Different reasons kept in a log row; a broken history could have one for every currency and day.
REASONS = 50

#: `on_progress(done, total)` in published figures; `total` is what is known of so far.
Progress = Callable[[int, int], None]
_Answer = tuple[Origin, list[PublishedRate]]
_Item = tuple[PublishedRate, Origin]

log = structlog.get_logger(__name__)


class NothingUsable(ProviderError):
    """The provider answered, and every figure was rejected."""


class Interrupted(Exception):
    """Somebody stopped the run; what it had published stays."""


class _Clock:
    """The time of a run: what the entry point read, and what has passed since."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._started = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._started

    def __call__(self) -> datetime:
        return self._now + timedelta(seconds=self.seconds())


def collect(
    key: str,
    *,
    trigger: Trigger,
    now: datetime,
    first: date | None = None,
    last: date | None = None,
    dry_run: bool = False,
    on_progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> RunResult:
    """Collect from one provider: its newest figures, its history from `first` to `last` (rate
    dates, both or none), or with `Trigger.BUNDLED` the history that ships with the package.

    A second call stores nothing twice. A dry run asks, reads and screens, and leaves nothing behind:
    no row, no lease, no archived payload. Once `stop` is set, the run ends before its next request or
    transaction, as a failure.
    Raises: KeyError for a provider that is not there; django.db.Error when the run could not even
        be noted down. Whatever else goes wrong is the result's `failure`.
    """
    if trigger != Trigger.BUNDLED and not registry.is_configured(key):
        return RunResult(key, NOT_CONFIGURED, reason=f"PROVIDER_{key.upper()}_API_KEY is not set")
    run = _Run(
        profile=registry.profiles()[key],
        adapter=registry.adapter(key),
        endpoint=registry.endpoint(key),
        trigger=trigger,
        span=None if first is None or last is None else (first, last),
        clock=_Clock(now),
        on_progress=on_progress,
        stop=stop or threading.Event(),
        correlation_id=uuid.uuid4().hex,
    )
    with bound(correlation_id=run.correlation_id, provider=key):
        if dry_run:
            return run.rehearse()
        held = lease.take(key, run.clock())
        if held is None:
            log.info("run_left_to_another")
            return RunResult(key, BUSY, reason="another run of this provider is under way")
        try:
            return run.perform(held)
        finally:
            held.give_back()


@dataclass(slots=True, kw_only=True)
class _Run:
    """The state of one run. `held` and `entry` are there unless it is a rehearsal."""

    profile: ProviderProfile
    adapter: Adapter
    endpoint: Endpoint
    trigger: Trigger
    span: tuple[date, date] | None
    clock: _Clock
    on_progress: Progress | None
    stop: threading.Event
    correlation_id: str
    held: lease.Held | None = None
    entry: CollectionLog | None = None
    counts: Counts = field(default_factory=Counts)
    done: int = 0

    @property
    def key(self) -> str:
        return self.profile.key

    @property
    def is_live(self) -> bool:
        """Whether this asks for the newest figures, not for history: only those are screened for jumps."""
        return self.span is None and self.trigger != Trigger.BUNDLED

    # --- from beginning to end -------------------------------------------------------------------

    def rehearse(self) -> RunResult:
        return self._outcome_of(self._take_in)

    def perform(self, held: lease.Held) -> RunResult:
        self.held = held
        self._close_interrupted()
        self.entry = CollectionLog.objects.create(
            provider=self.key,
            correlation_id=self.correlation_id,
            trigger=self.trigger,
            started_at=self.clock(),
        )
        log.info("run_started", trigger=str(self.trigger))
        if self.trigger == Trigger.BUNDLED:
            result = self._outcome_of(self._take_in)
        else:
            result = self._outcome_of(lambda: circuit.guard(self.key, self._take_in))
        try:
            self._close(Outcome(result.outcome), result.reason if result.outcome == Outcome.FAILURE else "")
        except DatabaseError:
            # The row stays "running" and the next run closes it; this one's result is told all the same.
            log.exception("run_not_closed")
        self._tell(result)
        return result

    def _outcome_of(self, work: Callable[[], bool]) -> RunResult:
        """Run `work`, which says whether there were data, and name how it ended."""
        try:
            outcome, reason = (Outcome.DATA if work() else Outcome.NO_DATA), ""
        except ProviderError as exc:
            outcome, reason = Outcome.FAILURE, self.without_key(f"{type(exc).__name__}: {exc}")
        except (lease.LeaseLost, Interrupted) as exc:
            outcome, reason = Outcome.FAILURE, str(exc)
        except Exception as exc:  # noqa: BLE001 - told with its traceback; the other providers go on
            # As text, not as exc_info: a traceback may hold the key in any form.
            log.error("run_broke", exception=self.without_key(traceback.format_exc()))
            outcome, reason = Outcome.FAILURE, self.without_key(f"{type(exc).__name__}: {exc}")
        seconds = self.clock.seconds()
        return RunResult(self.key, outcome.value, self.counts, seconds, reason, self.correlation_id)

    def without_key(self, text: str) -> str:
        if self.endpoint.api_key:
            text = text.replace(self.endpoint.api_key, "***")
        return scrub(text)

    def _tell(self, result: RunResult) -> None:
        event = log.warning if result.outcome == Outcome.FAILURE else log.info
        event(
            "run_ended",
            outcome=result.outcome,
            new=result.counts.new,
            same=result.counts.same,
            revised=result.counts.revised,
            quarantined=result.counts.quarantined,
            rejected=result.counts.rejected,
            seconds=round(result.seconds, 3),
            reason=result.reason,
        )

    # --- the log row -----------------------------------------------------------------------------

    def _close_interrupted(self) -> None:
        """Rows whose process was killed: we hold the lease, so nobody is running them."""
        for row in CollectionLog.objects.filter(provider=self.key, outcome=Outcome.RUNNING):
            _end(row, Outcome.FAILURE, "interrupted", self.clock())

    def _close(self, outcome: Outcome, error: str) -> None:
        assert self.entry is not None  # noqa: S101 - perform() has written it
        connection = connections["default"]
        if not connection.in_atomic_block:
            # What broke the run may have been the connection: the row is closed over a new one.
            connection.close_if_unusable_or_obsolete()
        _end(self.entry, outcome, error, self.clock())

    def note_payload(self, url: str, archive_key: str) -> None:
        if self.entry is not None:
            self.entry.payloads = [*self.entry.payloads, {"url": url, "archive_key": archive_key}]
            self.entry.save(update_fields=["payloads"])

    # --- asking ----------------------------------------------------------------------------------

    def _take_in(self) -> bool:
        """Fetch and publish; whether there were any figures."""
        if self.trigger == Trigger.BUNDLED:
            return self._publish_all(self._bundled())
        with ExitStack() as stack:
            client = stack.enter_context(transport.client(self.endpoint))
            ask = _Asker(self, client)
            if self.span is not None:
                # Every group is asked, whatever the one before it held.
                groups = self.adapter.between(*self.span, self.endpoint)
                held = [self._publish_all(ask.group(group)) for group in groups]
                return any(held)
            today = self.clock().astimezone(ZoneInfo(self.profile.time_zone)).date()
            if any(
                self._publish_all(ask.group(group)) for group in self.adapter.newest(today, self.endpoint)
            ):
                return True
            # No holiday is that long: it was a wrong table or series that answered so politely.
            raise ProviderFormatError(f"no rates in {LOOK_BACK.days} days")

    def _bundled(self) -> list[_Answer]:
        ask, payload = bundled(self.key)
        fetched_at = self.clock()
        archive_key = ""
        if self.entry is not None:
            archive_key = archive.save_once(payload, provider=self.key, media=ask.media)
            self.note_payload("", archive_key)
        return [(Origin(archive_key, fetched_at), self.adapter.parse(payload, ask))]

    # --- publishing ------------------------------------------------------------------------------

    def _publish_all(self, answers: list[_Answer]) -> bool:
        """Convert, screen and record the answers of one group; whether they held any figure."""
        items = [(rate, origin) for origin, rates in answers for rate in rates]
        answers.clear()
        if self.span is not None:
            first, last = self.span
            items = [item for item in items if first <= item[0].rate_date <= last]
        items.sort(key=lambda item: item[0].rate_date)
        total = self.done + len(items)
        chunks = list(_whole_days(items, CHUNK))
        for number, (start, end) in enumerate(chunks, start=1):
            self._publish(items[start:end], ends_run=number == len(chunks) and self.span is None)
            self.done += end - start
            if self.on_progress is not None:
                self.on_progress(self.done, total)
        if items and self.counts.rejected and not (self.counts.quarantined or _published(self.counts)):
            raise NothingUsable(
                f"all {self.counts.rejected} figures were rejected: {_first(self.counts.reasons)}"
            )
        return bool(items)

    def refuse_if_stopped(self) -> None:
        if self.stop.is_set():
            raise Interrupted("interrupted")

    def _publish(self, items: Sequence[_Item], *, ends_run: bool) -> None:
        self.refuse_if_stopped()
        origins = {id(rate): origin for rate, origin in items}
        observations, unconverted = to_krw([rate for rate, _ in items], self.profile)
        if self.is_live:
            beside = neighbours.around(self.key, observations)
            screened = screen(observations, now=self.clock(), neighbours=beside)
            self._refuse_half_a_table(screened, observations, unconverted)
        else:
            beside = {}
            screened = screen(observations, now=self.clock())
        good = [(one, origins[id(one.published)]) for one in screened.good]
        held = [
            (one, origins[id(one.published)], reason, neighbours.as_told(one, beside[one.currency_code]))
            for one, reason in screened.quarantined
        ]
        rejected = Counter(
            chain(
                (f"{rate.base}/{rate.quote}: {reason}" for rate, reason in unconverted),
                (f"{one.currency_code}: {reason}" for one, reason in screened.rejected),
            )
        )
        settled = Counts(quarantined=len(held), rejected=rejected.total(), reasons=rejected)
        if self.entry is None:
            self.counts += settled + _counted(
                recording.compare(self.key, good, is_snapshot=self._is_snapshot)
            )
            return
        self.counts = committed(lambda: self._record(good, held, self.counts + settled, ends_run))
        self._tell_held(screened)

    def _record(self, good: list[Sourced], held: list[Any], before: Counts, ends_run: bool) -> Counts:
        """One transaction: observations, newest rates, bars, quarantine and log row; the run's counts."""
        assert self.entry is not None  # noqa: S101 - a rehearsal records nothing
        assert self.held is not None  # noqa: S101
        # First, so that nobody can take the provider over before this is committed.
        self.held.renew(self.clock())
        counts = before + _counted(recording.write(self.key, good, is_snapshot=self._is_snapshot))
        quarantine.hold(self.key, held, now=self.clock())
        columns = {
            "new_count": counts.new,
            "same_count": counts.same,
            "revised_count": counts.revised,
            "quarantined_count": counts.quarantined,
            "rejected_count": counts.rejected,
            "rejected_reasons": dict(counts.reasons.most_common(REASONS)),
        }
        row = CollectionLog.objects.filter(pk=self.entry.pk, outcome=Outcome.RUNNING)
        row.update(**columns)
        if ends_run and (_published(counts) or counts.quarantined):
            _end(self.entry, Outcome.DATA, "", self.clock())
        return counts

    @property
    def _is_snapshot(self) -> bool:
        return self.trigger == Trigger.BUNDLED

    def _refuse_half_a_table(
        self, screened: Screened, observations: list[Observation], unconverted: Rejected
    ) -> None:
        """A live answer stands by its newest day: whole days before it say nothing of that one.

        A day that only lacks its price in won (FRED's series may end a day apart) is not its newest,
        and neither is a misprinted one in the future.
        """
        latest_allowed = self.clock() + AHEAD
        days = [one.rate_date for one in observations if one.recorded_at <= latest_allowed]
        days += [rate.rate_date for rate, reason in unconverted if reason != NO_KRW_RATE]
        if not days:
            return  # nothing is published, and `NothingUsable` says why
        newest = max(days)
        usable = chain(screened.good, (one for one, _ in screened.quarantined))
        codes = {one.currency_code for one in usable if one.rate_date == newest}
        usual = self.profile.expected_currencies
        if len(codes) * 2 < usual:
            raise ProviderFormatError(f"{len(codes)} usable currencies on {newest}, usually {usual}")

    def _tell_held(self, screened: Screened) -> None:
        for one, reason in screened.quarantined:
            log.warning("rate_held", currency=one.currency_code, rate_date=str(one.rate_date), reason=reason)


class _Asker:
    """Fetches, archives and parses the answers of a group, under a lease that is kept alive."""

    def __init__(self, run: _Run, client: Any) -> None:
        self._run = run
        self._client = client

    def group(self, asks: Iterable[Ask]) -> list[_Answer]:
        return [self._answer(ask) for ask in asks]

    def _answer(self, ask: Ask) -> _Answer:
        """One answer. Trouble told inside a 200, which the transport cannot see, gets a second try."""
        parse = self._run.adapter.parse
        origin, body = self._fetch(ask)
        try:
            return origin, parse(body, ask)
        except ProviderUnavailable as exc:
            log.warning("asked_again", reason=self._run.without_key(str(exc)))
        self._run.stop.wait(PAUSE)
        origin, body = self._fetch(ask)
        return origin, parse(body, ask)

    def _fetch(self, ask: Ask) -> tuple[Origin, bytes]:
        run = self._run
        run.refuse_if_stopped()
        if run.held is not None:
            run.held.renew(run.clock())
        raw = transport.fetch(ask, run.endpoint, run.profile, client=self._client)
        archive_key = ""
        if run.entry is not None:
            archive_key = archive.save(raw.body, provider=run.key, media=ask.media, fetched_at=raw.fetched_at)
            run.note_payload(raw.url, archive_key)
        return Origin(archive_key, raw.fetched_at), raw.body


def _end(row: CollectionLog, outcome: Outcome, error: str, moment: datetime) -> None:
    """Close a row that is still open; a second call changes nothing."""
    ended_at = max(moment, row.started_at)
    CollectionLog.objects.filter(pk=row.pk, outcome=Outcome.RUNNING).update(
        outcome=outcome,
        error=error,
        ended_at=ended_at,
        duration_ms=round((ended_at - row.started_at).total_seconds() * 1000),
    )


def _whole_days(items: Sequence[_Item], size: int) -> Iterator[tuple[int, int]]:
    """Half-open index ranges of about `size` items that part no rate date; `items` are in that order.

    A day's crosses need all of its figures, and a day's bar all of its observations.
    """
    start = 0
    while start < len(items):
        end = min(start + size, len(items))
        while end < len(items) and items[end][0].rate_date == items[end - 1][0].rate_date:
            end += 1
        yield start, end
        start = end


def _counted(found: recording.Comparison) -> Counts:
    return Counts(new=found.new, same=found.same, revised=found.revised)


def _published(counts: Counts) -> int:
    return counts.new + counts.same + counts.revised


def _first(reasons: Counter[str]) -> str:
    return ", ".join(reason for reason, _ in reasons.most_common(3))
