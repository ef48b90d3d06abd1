"""`manage.py rebuild_bars`: the daily bars once more from their observations, where they differ."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Min
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from config.cache import generation
from currency.models import ExchangeRate, LatestRate
from history import bars
from history.models import DailyRate

#: Without a terminal a line of progress at most this often, in seconds.
SPEAK_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class _Coverage:
    """What of one source can be rebuilt: every bar of these currencies in these days."""

    source: str
    codes: list[str]
    first: date
    last: date

    def years(self) -> Iterator[tuple[date, date]]:
        """Whole years, each a transaction: a few seconds in which a recording run waits, at most."""
        first = self.first
        while first <= self.last:
            last = min(date(first.year, 12, 31), self.last)
            yield first, last
            first = last + timedelta(days=1)


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
        coverages = [_coverage(source, first, last) for source in _sources(options["source"])]
        self._rebuild([coverage for coverage in coverages if coverage is not None])

    def _rebuild(self, coverages: list[_Coverage]) -> None:
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

    def _rebuild_one(self, coverage: _Coverage, progress: Progress) -> int:
        years = list(coverage.years())
        task = progress.add_task(coverage.source, total=len(years))
        changed, spoke_at = 0, time.monotonic()
        for first, last in years:
            with transaction.atomic():
                count = bars.rebuild(source=coverage.source, first=first, last=last, codes=coverage.codes)
            if count:
                changed += count
                generation.move_on()
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
    known = sorted(LatestRate.objects.values_list("source", flat=True).distinct())
    if named is None:
        return known
    if named not in known:
        accepted = f"accepted: {', '.join(known)}" if known else "nothing has been collected yet"
        raise CommandError(f"{named}: no source with rates; {accepted}.")
    return [named]


def _coverage(source: str, first: date | None, last: date | None) -> _Coverage | None:
    """What there is to rebuild of `source` from `first` to `last`; None for nothing.

    Observations may have been dropped by age (`manage.py partitions --retain-months`), and their bars
    are all that is left of those days: nothing before the oldest observation is touched.
    """
    latest = list(LatestRate.objects.filter(source=source))
    codes = {rate.currency_code for rate in latest}
    codes |= set(DailyRate.objects.filter(source=source).values_list("currency_code", flat=True).distinct())
    oldest = ExchangeRate.objects.filter(currency_code__in=codes, source=source).aggregate(
        day=Min("rate_date")
    )["day"]
    if oldest is None:
        return None
    if oldest > min(rate.first_date for rate in latest):
        # Months are cut in UTC, so the oldest day left may have lost its first hours.
        oldest += timedelta(days=1)
    start = max(first or oldest, oldest)
    end = min(last or date.max, max(rate.rate_date for rate in latest))
    return _Coverage(source, sorted(codes), start, end) if start <= end else None
