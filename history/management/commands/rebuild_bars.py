"""`manage.py rebuild_bars`: the daily bars once more from their observations, where they differ."""

import time
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from history import rebuilding
from history.rebuilding import Coverage

#: Without a terminal a line of progress at most this often, in seconds.
SPEAK_EVERY = 5.0


class Command(BaseCommand):
    """Safe at any time and to repeat: bars that are right are not written."""

    help = "Build the daily bars again from the observations in force; write those that differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", metavar="KEY", help="provider (default: every one with data)")
        parser.add_argument(
            "--from", dest="first", metavar="DATE", help="first rate date, YYYY-MM-DD (default: the oldest)"
        )
        parser.add_argument(
            "--to", dest="last", metavar="DATE", help="last rate date, YYYY-MM-DD (default: the newest)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = _day("--from", options["first"]), _day("--to", options["last"])
        if first is not None and last is not None and first > last:
            raise CommandError(f"--from {first} is after --to {last}.")
        self._rebuild(rebuilding.coverages(_sources(options["source"]), first, last))

    def _rebuild(self, coverages: list[Coverage]) -> None:
        if not coverages:
            self.stdout.write("No observations in that time: nothing to do.")
            return
        is_terminal = self.stdout.isatty()
        console = Console(file=cast("IO[str]", self.stdout), force_terminal=None if is_terminal else False)
        progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not is_terminal,
        )
        ending, self.stdout.ending = self.stdout.ending, ""  # rich ends its lines itself
        try:
            with progress:
                told = [(each, self._rebuild_one(each, progress)) for each in coverages]
        finally:
            self.stdout.ending = ending
        for each, changed in told:
            self.stdout.write(f"{each.source}: {changed:,} bars changed, {each.first} to {each.last}")

    def _rebuild_one(self, coverage: Coverage, progress: Progress) -> int:
        task = progress.add_task(coverage.source, total=len(list(coverage.years())))
        changed, spoke_at = 0, time.monotonic()
        for last, count in rebuilding.rebuild(coverage):
            changed += count
            progress.advance(task)
            if progress.disable and time.monotonic() - spoke_at >= SPEAK_EVERY:
                spoke_at = time.monotonic()
                progress.console.print(f"{coverage.source}: up to {last}", highlight=False)
        return changed


def _day(option: str, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        # strptime, because date.fromisoformat takes 20261030 and week dates too.
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise CommandError(
            f"{option}: {text!r} is no date; expected YYYY-MM-DD, such as 2026-10-30."
        ) from None


def _sources(named: str | None) -> list[str]:
    """The sources to rebuild. Raises: CommandError for one that has no rates."""
    known = rebuilding.sources()
    if named is None:
        return known
    if named not in known:
        accepted = f"accepted: {', '.join(known)}" if known else "nothing has been collected yet"
        raise CommandError(f"{named}: no source with rates; {accepted}.")
    return [named]
