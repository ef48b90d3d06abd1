"""One run of one source, from the lease to the log: asked, archived, read, and handed on to be published.

What becomes of rates and of prices is said in `rate_publishing.py` and `price_publishing.py`.
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
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import Error as DatabaseError

from config.commit import committed
from config.observability.logs import bound, scrub
from config.observability.measure import Measure
from config.observability.metrics import tell
from ingestor import archive, circuit, lease, registry, transport
from ingestor.adapter import Adapter, Endpoint
from ingestor.bundled import bundled
from ingestor.entry import Entry, close_interrupted
from ingestor.models import Outcome, Trigger
from ingestor.price_publishing import PricePublisher
from ingestor.published import Ask, ProviderError, ProviderFormatError, ProviderUnavailable
from ingestor.publishing import Item, Publication, Publisher
from ingestor.rate_publishing import RatePublisher
from ingestor.recording import Origin
from ingestor.registry import Source
from ingestor.result import BUSY, NOT_CONFIGURED, Counts, RunResult

#: Figures a transaction: a second of work, so that a lease and a reader wait no longer.
CHUNK = 20_000
#: Seconds before a request is made again that was answered with passing trouble.
PAUSE = 1.0

#: `on_progress(done, total)` in published figures; `total` is what is known of so far.
Progress = Callable[[int, int], None]
_Answer = tuple[Origin, list[Any]]

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
    """Collect from one source: its newest figures, its history from `first` to `last` (rate
    dates, both or none), or with `Trigger.BUNDLED` the history that ships with the package.

    A second call stores nothing twice. A dry run asks, reads and screens, and leaves nothing behind:
    no row, no lease, no archived payload. Once `stop` is set, the run ends before its next request or
    transaction, as a failure.
    Raises: KeyError for a provider that is not there; django.db.Error when the run could not even
        be noted down. Whatever else goes wrong is the result's `failure`.
    """
    if trigger != Trigger.BUNDLED and not registry.is_configured(key):
        return RunResult(key, NOT_CONFIGURED, reason=f"PROVIDER_{key.upper()}_API_KEY is not set")
    span = None if first is None or last is None else (first, last)
    run = _Run(
        profile=registry.sources()[key],
        adapter=registry.adapter(key),
        endpoint=registry.endpoint(key),
        publisher=_publisher(
            key, is_live=span is None and trigger != Trigger.BUNDLED, is_snapshot=trigger == Trigger.BUNDLED
        ),
        trigger=trigger,
        span=span,
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


def _publisher(key: str, *, is_live: bool, is_snapshot: bool) -> Publisher:
    if price := registry.price_profiles().get(key):
        return PricePublisher(price, is_live=is_live, is_snapshot=is_snapshot)
    return RatePublisher(registry.profiles()[key], is_live=is_live, is_snapshot=is_snapshot)


@dataclass(slots=True, kw_only=True)
class _Run:
    """The state of one run. `held` and `entry` are there unless it is a rehearsal."""

    profile: Source
    adapter: Adapter[Any]
    endpoint: Endpoint
    publisher: Publisher
    trigger: Trigger
    span: tuple[date, date] | None
    clock: _Clock
    on_progress: Progress | None
    stop: threading.Event
    correlation_id: str
    held: lease.Held | None = None
    entry: Entry | None = None
    counts: Counts = field(default_factory=Counts)
    done: int = 0

    @property
    def key(self) -> str:
        return self.profile.key

    # --- from beginning to end -------------------------------------------------------------------

    def rehearse(self) -> RunResult:
        return self._outcome_of(self._take_in)

    def perform(self, held: lease.Held) -> RunResult:
        self.held = held
        close_interrupted(self.key, self.clock())
        self.entry = Entry.opened(
            self.key, correlation_id=self.correlation_id, trigger=self.trigger, now=self.clock()
        )
        log.info("run_started", trigger=str(self.trigger))
        if self.trigger == Trigger.BUNDLED:
            result = self._outcome_of(self._take_in)
        else:
            result = self._outcome_of(lambda: circuit.guard(self.key, self._take_in))
        try:
            error = result.reason if result.outcome == Outcome.FAILURE else ""
            self.entry.close_over_a_good_connection(Outcome(result.outcome), error, self.clock())
        except DatabaseError:
            # The row stays "running" and the next run closes it; this one's result is told all the same.
            log.exception("run_not_closed")
        self._tell(result)
        return result

    def _outcome_of(self, work: Callable[[], bool]) -> RunResult:
        """Run `work`, which says whether there were data, and name how it ended."""
        may_heal = False
        try:
            outcome, reason = (Outcome.DATA if work() else Outcome.NO_DATA), ""
        except ProviderError as exc:
            outcome, reason = Outcome.FAILURE, self.without_key(f"{type(exc).__name__}: {exc}")
            may_heal = isinstance(exc, ProviderUnavailable)
        except (lease.LeaseLost, Interrupted) as exc:
            outcome, reason = Outcome.FAILURE, str(exc)
        except Exception as exc:  # noqa: BLE001 - told with its traceback; the other providers go on
            # As text, not as exc_info: a traceback may hold the key in any form.
            log.error("run_broke", exception=self.without_key(traceback.format_exc()))
            outcome, reason = Outcome.FAILURE, self.without_key(f"{type(exc).__name__}: {exc}")
        seconds = self.clock.seconds()
        return RunResult(
            self.key, outcome.value, self.counts, seconds, reason, self.correlation_id, may_heal=may_heal
        )

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
        tell(Measure("IngestRuns", 1, dimensions={"Provider": self.key, "Outcome": str(result.outcome)}))

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
            raise ProviderFormatError(self.publisher.nothing)

    def _bundled(self) -> list[_Answer]:
        ask, payload = bundled(self.key)
        fetched_at = self.clock()
        archive_key = ""
        if self.entry is not None:
            archive_key = archive.save_once(payload, provider=self.key, media=ask.media)
            self.entry.note_payload("", archive_key)
        return [(Origin(archive_key, fetched_at), self.adapter.parse(payload, ask))]

    # --- publishing ------------------------------------------------------------------------------

    def _publish_all(self, answers: list[_Answer]) -> bool:
        """Publish the answers of one group, day by day; whether they held any figure."""
        items = [(figure, origin) for origin, figures in answers for figure in figures]
        answers.clear()
        if self.span is not None:
            first, last = self.span
            items = [item for item in items if first <= item[0].day <= last]
        items.sort(key=lambda item: item[0].day)
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

    def _publish(self, items: Sequence[Item], *, ends_run: bool) -> None:
        self.refuse_if_stopped()
        publication = self.publisher.screened(items, self.clock())
        before = self.counts + publication.settled
        if self.entry is None:
            self.counts = before + publication.compare()
            return
        self.counts = committed(lambda: self._write(publication, before, ends_run))
        publication.tell()

    def _write(self, publication: Publication, before: Counts, ends_run: bool) -> Counts:
        """One transaction: the figures with all that depends on them, and the log row; the run's counts."""
        assert self.entry is not None  # noqa: S101 - a rehearsal writes nothing
        assert self.held is not None  # noqa: S101
        # First, so that nobody can take the source over before this is committed.
        self.held.renew(self.clock())
        counts = before + publication.write(self.clock())
        self.entry.count(counts)
        if ends_run and (_published(counts) or counts.quarantined):
            self.entry.close(Outcome.DATA, "", self.clock())
        return counts


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
            run.entry.note_payload(raw.url, archive_key)
        return Origin(archive_key, raw.fetched_at), raw.body


def _whole_days(items: Sequence[Item], size: int) -> Iterator[tuple[int, int]]:
    """Half-open index ranges of about `size` items that part no day; `items` are in that order.

    A day's crosses need all of its figures, and a day's bar all of its observations.
    """
    start = 0
    while start < len(items):
        end = min(start + size, len(items))
        while end < len(items) and items[end][0].day == items[end - 1][0].day:
            end += 1
        yield start, end
        start = end


def _published(counts: Counts) -> int:
    return counts.new + counts.same + counts.revised


def _first(reasons: Counter[str]) -> str:
    return ", ".join(reason for reason, _ in reasons.most_common(3))
