"""`manage.py ingest`: collect now, from a shell, a Makefile or a Kubernetes CronJob."""

import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import IO, Any, Self, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from config import beat
from currency.models import Provider
from ingestor import due, registry
from ingestor.bundled import ships_history
from ingestor.models import Outcome, Trigger
from ingestor.parallel import collect_all
from ingestor.result import RunResult

#: Without a terminal a line of progress at most this often, in seconds.
SPEAK_EVERY = 5.0
#: Seconds that a CronJob's run may take: the next one is due after 300, and waits for this one's end.
DEADLINE = 240


class Command(BaseCommand):
    """Exit code 1 if any provider failed; no data, not configured and busy are no failures.

    Ctrl-C ends every run before its next request or transaction; the exit code is then 130.

    With EXECUTION_MODE=cronjob and nothing named it is what beat and workers are elsewhere: who may have
    news is asked, what else the schedule has due is done, and the logs tell of it. Exit code 1 if all who
    were asked failed and nobody has answered for an hour, or if the deadline came first: that one
    provider fails is for its own alarm to tell.
    """

    help = "Collect exchange rates and prices: the newest, a range of days, or what ships with the code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "providers",
            nargs="*",
            metavar="provider",
            help="default: every enabled provider of rates; sources of prices are asked by name",
        )
        parser.add_argument(
            "--from", dest="first", metavar="DATE", help="first rate date, YYYY-MM-DD; needs --to"
        )
        parser.add_argument(
            "--to", dest="last", metavar="DATE", help="last rate date, YYYY-MM-DD; needs --from"
        )
        parser.add_argument(
            "--bundled",
            action="store_true",
            help="load what ships with the code, the ECB's history and a Big Mac release; no network",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="ask, read and screen; store nothing: no figure, no log row, no archived payload",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = _span(options["first"], options["last"])
        is_bundled: bool = options["bundled"]
        if settings.EXECUTION_MODE == "cronjob" and not (options["providers"] or is_bundled or first):
            _do_what_is_due()
            return
        if is_bundled and first is not None:
            raise CommandError("--bundled loads all of the shipped history: give it without --from and --to.")
        try:
            keys = _keys(options["providers"], is_bundled, is_range=first is not None)
        except DatabaseError as exc:
            raise CommandError(f"The database cannot be read: {exc}") from exc
        history = Trigger.BUNDLED if is_bundled else Trigger.BACKFILL
        trigger = history if is_bundled or first is not None else Trigger.COMMAND
        self.stdout.ending = ""  # rich ends its lines itself, and moves the cursor in between
        console = Console(
            file=cast("IO[str]", self.stdout), force_terminal=None if self.stdout.isatty() else False
        )
        try:
            with _Display(console) as display:
                results = collect_all(
                    keys,
                    trigger=trigger,
                    now=datetime.now(UTC),
                    first=first,
                    last=last,
                    dry_run=options["dry_run"],
                    on_progress=display.advance,
                    on_result=display.ended,
                )
        except KeyboardInterrupt:
            self.stderr.write("Interrupted.")
            sys.exit(130)  # 128 and the number of the signal, as shells have it
        _print_summary(console, results)
        failed = [result.provider for result in results if result.outcome == Outcome.FAILURE]
        if failed:
            raise CommandError(f"Failed: {', '.join(failed)}.")


def _do_what_is_due() -> None:
    """One run of the CronJob. Raises: CommandError."""
    now = datetime.now(UTC)
    with _in_time():
        keys = [key for key in registry.sources() if due.may_have_news(key, now=now)]
        results = collect_all(keys, trigger=Trigger.SCHEDULE, now=now)
        beat.do_what_is_due(without=["ingestor.collect"])
    failed = [result.provider for result in results if result.outcome == Outcome.FAILURE]
    # Who has answered is left alone for an hour, so a run may ask none but those that are down.
    if failed and not due.has_anybody_answered(since=now - due.CORRECTIONS):
        raise CommandError(f"Nobody answers: {', '.join(failed)}.")


@contextmanager
def _in_time() -> Iterator[None]:
    """At the deadline, or when Kubernetes ends the pod, every run is told to stop and closes its row."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGALRM)}
    signal.alarm(DEADLINE)
    try:
        yield
    except KeyboardInterrupt:
        raise CommandError("Not done in time, or told to stop; the next run goes on.") from None
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _span(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """The days asked for. Raises: CommandError for half a range, no dates, or a range that ends before it starts."""
    if (first is None) != (last is None):
        raise CommandError("--from and --to belong together: give both, as YYYY-MM-DD.")
    if first is None or last is None:
        return None, None
    start, end = _day("--from", first), _day("--to", last)
    if start > end:
        raise CommandError(f"--from {start} is after --to {end}.")
    return start, end


def _day(option: str, text: str) -> date:
    try:
        # strptime, because date.fromisoformat takes 20261030 and week dates too.
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise CommandError(
            f"{option}: {text!r} is no date; expected YYYY-MM-DD, such as 2026-10-30."
        ) from None


def _keys(named: list[str], is_bundled: bool, *, is_range: bool) -> list[str]:
    """The sources to ask, each once. Raises: CommandError for a name that is none of them."""
    accepted = [key for key in registry.sources() if not is_bundled or ships_history(key)]
    if unknown := [key for key in named if key not in accepted]:
        what = "with a shipped history" if is_bundled else "known"
        raise CommandError(f"{', '.join(unknown)}: no provider {what}; accepted: {', '.join(accepted)}.")
    if named:
        return list(dict.fromkeys(named))
    prices = [key for key in accepted if key in registry.price_profiles() and is_bundled]
    enabled = set(Provider.objects.filter(is_enabled=True).values_list("key", flat=True))
    rates = [key for key in accepted if key in enabled]
    if not is_bundled:
        # Who has no past to ask for is not asked for it, unless by name.
        rates = [key for key in rates if not is_range or registry.profiles()[key].coverage_start]
        rates = [key for key in rates if registry.is_configured(key)]
    return rates + prices


class _Display:
    """A bar for each provider on a terminal; elsewhere a plain line now and then."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._spoke_at: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def advance(self, key: str, done: int, total: int) -> None:
        if self._console.is_terminal:
            if key not in self._tasks:
                self._tasks[key] = self._bars.add_task(key, total=total)
            self._bars.update(self._tasks[key], completed=done, total=total)
        elif time.monotonic() - self._spoke_at.get(key, float("-inf")) >= SPEAK_EVERY:
            self._spoke_at[key] = time.monotonic()
            self._console.print(f"{key}: {done:,} of {total:,}", highlight=False)

    def ended(self, result: RunResult) -> None:
        if not self._console.is_terminal:
            self._console.print(f"{result.provider}: {result.outcome}", highlight=False)


def _print_summary(console: Console, results: list[RunResult]) -> None:
    if not results:
        console.print("No provider is enabled and configured: nothing to do.")
        return
    # Without lines between the columns it fits a terminal of 80; reasons have lines of their own.
    table = Table(box=None, pad_edge=False)
    for title in ("provider", "outcome"):
        table.add_column(title, no_wrap=True)
    for title in ("new", "same", "revised", "quarantined", "rejected", "seconds"):
        table.add_column(title, justify="right", no_wrap=True)
    for result in results:
        counts = result.counts
        figures = (counts.new, counts.same, counts.revised, counts.quarantined, counts.rejected)
        table.add_row(result.provider, result.outcome, *(f"{n:,}" for n in figures), f"{result.seconds:.1f}")
    console.print(table, width=max(console.width, 120), crop=False)
    for result in results:
        if reason := result.reason or _rejections(result):
            console.print(f"{result.provider}: {reason}", soft_wrap=True, markup=False, highlight=False)


def _rejections(result: RunResult) -> str:
    """The commonest reasons for rejected values, told where nothing else is to tell."""
    return ", ".join(f"{reason} ({count:,})" for reason, count in result.counts.reasons.most_common(3))
